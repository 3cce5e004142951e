// Trials of how the bytes of files reach sockets and memory.
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/errqueue.h>
#include <linux/openat2.h>
#include <memory>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "probe/loopback.hpp"
#include "probe/small_ring.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

constexpr std::size_t block = 4096;
constexpr long call_cachestat = 451;

outcome from_result(ssize_t result, ssize_t wanted) {
    if (result < 0) {
        return refused(errno);
    }
    return result == wanted ? found_yes() : found_no(fmt::format("it yielded {}", result));
}

unique_fd memory_file() {
    unique_fd file{::memfd_create("trial", MFD_CLOEXEC)};
    if (file && ::ftruncate(file.get(), block) != 0) {
        file.reset();
    }
    return file;
}

// Without a name: nothing is left of it.
unique_fd file_here(int flags) {
    return unique_fd{::open(".", O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600)};
}

outcome no_file_here() {
    return found_nothing("no file can be made in this directory: " + error_text(errno),
                         "run it in the directory that is to be served, if it is writable");
}

outcome confines(argument) {
    const unique_fd root{::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const unique_fd inside{
        static_cast<int>(::syscall(SYS_openat2, root.get(), ".", &how, sizeof how))};
    if (!inside) {
        return refused(errno);
    }
    const auto outside = ::syscall(SYS_openat2, root.get(), "..", &how, sizeof how);
    return outside < 0 && errno == EXDEV ? found_yes() : found_no("it let .. through");
}

outcome sends_files(argument) {
    const unique_fd file = memory_file();
    const socket_pair pair;
    off_t offset = 0;
    return from_result(::sendfile(pair.one.get(), file.get(), &offset, 100), 100);
}

outcome splices(argument) {
    const unique_fd file = memory_file();
    const socket_pair pair;
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return refused(errno);
    }
    const unique_fd from{ends[0]};
    const unique_fd to{ends[1]};
    off_t offset = 0;
    if (::splice(file.get(), &offset, to.get(), nullptr, 100, 0) != 100) {
        return refused(errno);
    }
    return from_result(::splice(from.get(), nullptr, pair.one.get(), nullptr, 100, 0), 100);
}

outcome maps(argument) {
    const unique_fd file = memory_file();
    void* const memory =
        ::mmap(nullptr, block, PROT_READ, MAP_SHARED | MAP_POPULATE, file.get(), 0);
    if (memory == MAP_FAILED) {
        return refused(errno);
    }
    const bool readable = *static_cast<const char*>(memory) == 0;
    ::munmap(memory, block);
    return readable ? found_yes() : found_no();
}

outcome copies_ranges(argument) {
    const unique_fd from = memory_file();
    const unique_fd to = memory_file();
    return from_result(::copy_file_range(from.get(), nullptr, to.get(), nullptr, 100, 0), 100);
}

// What was just written is in the page cache; where nothing can be written, this program is.
outcome reads_without_waiting(argument) {
    unique_fd file = file_here(0);
    std::array<char, 16> bytes{};
    if (!file || ::write(file.get(), bytes.data(), bytes.size()) != std::ssize(bytes)) {
        file = unique_fd{::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
    }
    const iovec into{bytes.data(), bytes.size()};
    const ssize_t size = ::preadv2(file.get(), &into, 1, 0, RWF_NOWAIT);
    return size < 0 && errno == EOPNOTSUPP
               ? found_no("the file system of this directory does not tell")
               : from_result(size, 16);
}

outcome counts_cached_pages(argument) {
    struct {
        std::uint64_t offset;
        std::uint64_t bytes;
    } range{.offset = 0, .bytes = block};
    std::array<std::uint64_t, 5> counts{};
    const unique_fd file = memory_file();
    return from_result(::syscall(call_cachestat, file.get(), &range, counts.data(), 0), 0);
}

outcome watches(argument) {
    const unique_fd watch{::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    if (!watch) {
        return refused(errno,
                       errno == EMFILE ? "sudo sysctl -w fs.inotify.max_user_instances=1024" : "");
    }
    if (::inotify_add_watch(watch.get(), ".", IN_CREATE) < 0) {
        return refused(errno,
                       errno == ENOSPC ? "sudo sysctl -w fs.inotify.max_user_watches=524288" : "");
    }
    return found_yes();
}

outcome reads_directly(argument) {
    const unique_fd file = file_here(O_DIRECT);
    if (!file) {
        return errno == EINVAL ? found_no("the file system of this directory has no O_DIRECT")
                               : no_file_here();
    }
    const std::unique_ptr<void, void (*)(void*)> memory{std::aligned_alloc(block, block),
                                                        &std::free};
    std::memset(memory.get(), 0, block);
    if (::pwrite(file.get(), memory.get(), block, 0) != static_cast<ssize_t>(block)) {
        return refused(errno);
    }
    struct statx facts{};
    constexpr unsigned want_alignment = 0x2000;  // STATX_DIOALIGN, Linux 6.1.
    struct alignments {
        std::uint32_t memory;
        std::uint32_t offset;
    } aligned{};
    const bool told = ::statx(file.get(), "", AT_EMPTY_PATH, want_alignment, &facts) == 0 &&
                      (facts.stx_mask & want_alignment) != 0;
    constexpr std::size_t place = 0x98;  // Of stx_dio_mem_align in struct statx, statx(2).
    std::memcpy(&aligned, reinterpret_cast<const char*>(&facts) + place, sizeof aligned);
    auto done = from_result(::pread(file.get(), memory.get(), block, 0), block);
    if (done.has == state::yes && told) {
        done.detail =
            fmt::format("memory aligned to {}, offsets to {}", aligned.memory, aligned.offset);
    }
    return done;
}

// Whether the kernel kept to it is told on the error queue (Documentation/networking/
// msg_zerocopy.rst); over loopback it always copies.
outcome sends_without_copying(argument) {
    const tcp_pair pair;
    if (pair.error != 0) {
        return found_nothing("no connection over loopback: " + error_text(pair.error));
    }
    constexpr int on = 1;
    static const std::array<char, block> bytes{};
    if (::setsockopt(pair.client.get(), SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on) != 0 ||
        ::send(pair.client.get(), bytes.data(), bytes.size(), MSG_ZEROCOPY) < 0) {
        return refused(errno, errno == ENOBUFS ? "sudo sysctl -w net.core.optmem_max=131072" : "");
    }
    std::array<char, block> taken{};
    const ssize_t got = ::recv(pair.server.get(), taken.data(), taken.size(), MSG_WAITALL);
    pollfd wait{.fd = pair.client.get(), .events = 0, .revents = 0};
    const bool told = got > 0 && ::poll(&wait, 1, 200) == 1 && (wait.revents & POLLERR) != 0;
    return told ? found_yes("loopback copies all the same; a network card need not")
                : found_partial("it sent, but told no end of the memory's use");
}

constexpr auto about = topic::files;
constexpr std::string_view newer = fix_by_kernel;

}  // namespace

std::vector<trial> file_trials() {
    return {
        {"files.openat2", about, "confined paths", "5.6", "openat2(2), RESOLVE_BENEATH",
         "Nothing outside the served directory can be opened", newer, true, confines},
        {"files.sendfile", about, "sendfile", "2.6.33", "100 bytes to a socket",
         "Large bodies go from the page cache to the socket by themselves", "", true, sends_files},
        {"files.splice", about, "splice", "2.6.17", "file, pipe, socket",
         "Moves pages between any two descriptors through a pipe", "", false, splices},
        {"files.mmap", about, "mmap", "2.0", "mapping and reading a page",
         "Files as memory; a cut file is a signal, so serve asks first", "", false, maps},
        {"files.copy_file_range", about, "copy_file_range", "4.5", "100 bytes, file to file",
         "Copies inside the file system, if it can share blocks", "", false, copies_ranges},
        {"files.nowait", about, "reading what is cached", "4.14", "preadv2(2), RWF_NOWAIT",
         "A shard never waits for a disk without knowing", "", true, reads_without_waiting},
        {"files.cachestat", about, "cachestat", "6.5", "of a memory file",
         "Tells how much of a file is in memory", newer, false, counts_cached_pages},
        {"files.inotify", about, "inotify", "2.6.13", "a watch on this directory",
         "A changed file is seen at once instead of after --cache-ttl", "", true, watches},
        {"files.direct", about, "O_DIRECT here", "2.4.10", "a nameless file in this directory",
         "Large files pass the page cache by", "", false, reads_directly},
        {"files.zerocopy", about, "MSG_ZEROCOPY", "4.14", "4 KB over a connection to ourselves",
         "As SEND_ZC, without io_uring", newer, false, sends_without_copying},
    };
}

}  // namespace ringway::probe
