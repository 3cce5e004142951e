# The libraries that libringway and the command stand on. The installed package reads this file too.
#
# Static archives where Debian ships them: liburing because the pinned version is not the one that
# a stock system has at run time, llhttp for the same reason. The include folders are those of
# IMPORTED targets, hence system headers, whose warnings are not ours.
include(CMakeFindDependencyMacro)

# ringway_import(NAME header.h archive.a) defines ringway::NAME.
macro(ringway_import name header archive)
    if(NOT TARGET ringway::${name})
        find_path(RINGWAY_${name}_INCLUDE ${header} REQUIRED)
        find_library(RINGWAY_${name}_LIBRARY NAMES ${archive} REQUIRED)
        mark_as_advanced(RINGWAY_${name}_INCLUDE RINGWAY_${name}_LIBRARY)
        add_library(ringway::${name} STATIC IMPORTED GLOBAL)
        set_target_properties(ringway::${name} PROPERTIES
            IMPORTED_LOCATION "${RINGWAY_${name}_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${RINGWAY_${name}_INCLUDE}")
    endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_dependency(Threads)
find_dependency(fmt)
ringway_import(uring liburing.h liburing.a)
ringway_import(llhttp llhttp.h libllhttp.a)

# Shared libraries, because these get security updates from the system.
# ringway_import_shared(NAME header.h library) defines ringway::NAME.
macro(ringway_import_shared name header library)
    if(NOT TARGET ringway::${name})
        find_path(RINGWAY_${name}_INCLUDE ${header} REQUIRED)
        find_library(RINGWAY_${name}_LIBRARY NAMES ${library} REQUIRED)
        mark_as_advanced(RINGWAY_${name}_INCLUDE RINGWAY_${name}_LIBRARY)
        add_library(ringway::${name} SHARED IMPORTED GLOBAL)
        set_target_properties(ringway::${name} PROPERTIES
            IMPORTED_LOCATION "${RINGWAY_${name}_LIBRARY}"
            INTERFACE_INCLUDE_DIRECTORIES "${RINGWAY_${name}_INCLUDE}")
    endif()
endmacro()
ringway_import_shared(gnutls gnutls/gnutls.h gnutls)
ringway_import_shared(nghttp2 nghttp2/nghttp2.h nghttp2)
ringway_import_shared(nghttp3 nghttp3/nghttp3.h nghttp3)
ringway_import_shared(ngtcp2 ngtcp2/ngtcp2.h ngtcp2)
ringway_import_shared(ngtcp2_crypto_gnutls ngtcp2/ngtcp2_crypto_gnutls.h ngtcp2_crypto_gnutls)

# ringway_import_optional(NAME header.h library): as above, where it is installed.
macro(ringway_import_optional name header library)
    find_path(RINGWAY_${name}_INCLUDE ${header})
    find_library(RINGWAY_${name}_LIBRARY NAMES ${library})
    mark_as_advanced(RINGWAY_${name}_INCLUDE RINGWAY_${name}_LIBRARY)
    if(RINGWAY_${name}_INCLUDE AND RINGWAY_${name}_LIBRARY)
        ringway_import_shared(${name} ${header} ${library})
    endif()
endmacro()
# What the client decodes.
ringway_import_optional(zlib zlib.h z)
ringway_import_optional(brotlidec brotli/decode.h brotlidec)
ringway_import_optional(zstd zstd.h zstd)
# AES-GCM with the widest vectors of an x86-64 processor.
ringway_import_optional(ipsec_mb intel-ipsec-mb.h IPSec_MB)
