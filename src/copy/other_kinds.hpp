// Names that are no regular files: symbolic links, FIFOs, sockets and devices.
#pragma once

#include "copy/one_file.hpp"

namespace ringway {

/// Makes the same symbolic link. Blocks.
[[nodiscard]] file_outcome copy_link(const file_names& names, const copy_options& options);

/// Makes a FIFO, socket or device like the source. Blocks.
[[nodiscard]] file_outcome copy_special(const file_names& names, const copy_options& options);

/// Makes the target a further name of the file `first` (a path). Blocks.
[[nodiscard]] file_outcome link_to_copy(const std::string& first, const file_names& names,
                                        const copy_options& options);

}  // namespace ringway
