// The media types that Ringway knows without any file.
#pragma once

#include <string_view>

namespace ringway::files {

/// In the format of /etc/mime.types.
extern const std::string_view builtin_mime_types;

}  // namespace ringway::files
