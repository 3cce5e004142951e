// Some names of one directory, copied by one blocking call.
#pragma once

#include <vector>

#include "copy/directory_pair.hpp"

namespace ringway {

/// What becomes of one name of a batch.
struct batch_item {
    directory_item item;
    file_outcome outcome;
    bool goes_on = false;    ///< Not done: large, or for the shard's driver.
    bool is_shared = false;  ///< Not done: the file has several names.
    dev_t device = 0;        ///< Of `is_shared`.
    ino_t inode = 0;
    nlink_t names = 0;  ///< Others that the file has.
};

/// At most this many files are open at a time, so that their reads from disk overlap.
inline constexpr std::size_t batch_items_max = 64;

/// Copies what can be copied here; marks the rest. Ends early, with the rest `canceled`, when the
/// meter says stop. Blocks.
void copy_batch(const directory_pair& where, const copy_options& options, copy_meter& meter,
                std::vector<batch_item>& items);

}  // namespace ringway
