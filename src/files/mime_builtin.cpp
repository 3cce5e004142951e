#include "files/mime_builtin.hpp"

namespace ringway::files {

// Registered types where there are any. Source code without one is text, so that browsers show it.
const std::string_view builtin_mime_types = R"(
text/html                       html htm shtml
text/css                        css
text/javascript                 js mjs cjs
text/plain                      txt text log conf cfg ini nfo srt asm bat cmake diff patch
text/plain                      go h hpp hxx hh c cc cpp cxx cs java jsx kt less lua nix php pl
text/plain                      properties py r rb rs rst sass scala scss sh bash zsh fish sql swift
text/plain                      tex ts tsx vue zig
text/markdown                   md markdown
text/csv                        csv
text/tab-separated-values       tsv
text/calendar                   ics ifb
text/vcard                      vcf vcard
text/vtt                        vtt
application/json                json map
application/ld+json             jsonld
application/geo+json            geojson
application/manifest+json       webmanifest
application/x-ndjson            ndjson jsonl
application/yaml                yaml yml
application/toml                toml
application/xml                 xml xsd
application/xslt+xml            xsl xslt
application/xhtml+xml           xhtml xht
application/atom+xml            atom
application/rss+xml             rss
application/dash+xml            mpd
application/gpx+xml             gpx
application/vnd.google-earth.kml+xml            kml
application/vnd.google-earth.kmz                kmz
application/wasm                wasm
application/pdf                 pdf
application/postscript          ps eps ai
application/rtf                 rtf
application/epub+zip            epub
application/octet-stream        bin img so o a dll exe dmg iso pkg msi dat
application/gzip                gz
application/zip                 zip
application/zstd                zst
application/x-brotli            br
application/x-bzip2             bz2
application/x-xz                xz
application/x-lzma              lzma
application/x-lz4               lz4
application/x-7z-compressed     7z
application/vnd.rar             rar
application/x-tar               tar
application/x-compressed-tar    tgz
application/x-xz-compressed-tar txz
application/x-cpio              cpio
application/vnd.debian.binary-package           deb udeb
application/x-rpm               rpm
application/x-shellscript       run
application/java-archive        jar war ear
application/vnd.android.package-archive         apk
application/x-xpinstall         xpi
application/x-bittorrent        torrent
application/x-apple-diskimage   sparseimage
application/vnd.sqlite3         sqlite sqlite3 db
application/vnd.apache.parquet  parquet
application/x-hdf5              h5 hdf5
application/msword              doc dot
application/vnd.ms-excel        xls xlt
application/vnd.ms-powerpoint   ppt pps
application/vnd.openxmlformats-officedocument.wordprocessingml.document     docx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet           xlsx
application/vnd.openxmlformats-officedocument.presentationml.presentation   pptx
application/vnd.oasis.opendocument.text         odt
application/vnd.oasis.opendocument.spreadsheet  ods
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.graphics     odg
application/pgp-signature       sig
application/pgp-keys            asc
application/x-x509-ca-cert      crt cer der
application/x-pem-file          pem key
application/pkcs8               p8
application/x-pkcs12            p12 pfx
application/vnd.apple.mpegurl   m3u8
application/ogg                 ogx
application/vnd.ms-fontobject   eot
font/woff                       woff
font/woff2                      woff2
font/ttf                        ttf
font/otf                        otf
font/collection                 ttc
image/png                       png
image/apng                      apng
image/jpeg                      jpg jpeg jpe jfif
image/gif                       gif
image/webp                      webp
image/avif                      avif
image/jxl                       jxl
image/heic                      heic
image/heif                      heif
image/bmp                       bmp
image/tiff                      tif tiff
image/svg+xml                   svg
image/x-icon                    ico cur
image/vnd.adobe.photoshop       psd
image/x-xcf                     xcf
image/x-portable-pixmap         ppm
image/x-portable-graymap        pgm
audio/mpeg                      mp3 mp2 mpga
audio/mp4                       m4a
audio/aac                       aac
audio/ogg                       ogg oga opus spx
audio/flac                      flac
audio/wav                       wav
audio/aiff                      aif aiff
audio/midi                      mid midi
audio/mpegurl                   m3u
audio/matroska                  mka
audio/webm                      weba
video/mp4                       mp4 m4v mp4v
video/webm                      webm
video/matroska                  mkv
video/ogg                       ogv
video/mpeg                      mpg mpeg mpe
video/mp2t                      m2ts mts
video/iso.segment               m4s
video/quicktime                 mov qt
video/x-msvideo                 avi
video/x-flv                     flv
video/3gpp                      3gp
model/gltf-binary               glb
model/gltf+json                 gltf
model/stl                       stl
model/obj                       obj
model/vnd.usdz+zip              usdz
model/3mf                       3mf
message/rfc822                  eml mht mhtml
)";

}  // namespace ringway::files
