// The whole of a copy by names: walks, hands out batches, counts and tells.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ringway/copy/copy_paths.hpp>
#include <ringway/copy/file_copier.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/semaphore.hpp>

#include "copy/batch.hpp"
#include "copy/directory_pair.hpp"

namespace ringway {

class tree_copier {
public:
    tree_copier(const copy_options& options, copy_meter& meter, copy_listener& listener);

    [[nodiscard]] task<copy_totals> run(std::span<const std::string> sources,
                                        std::string destination);

private:
    using pair_ref = std::shared_ptr<directory_pair>;

    task<void> copy_into(std::span<const std::string> sources, std::string destination);
    task<void> copy_as(std::string source, std::string destination);
    // One of the sources, with what it is to be called.
    task<void> copy_source(std::string source, int target_directory, std::string target,
                           std::string target_path);
    task<void> copy_named_file(file_names names, std::string target_path, semaphore::permit turn);
    task<void> copy_tree(file_names names, std::string target_path, bool follow);
    task<void> walk(pair_ref directory);
    task<void> hand_out(const pair_ref& directory, directory_portion portion,
                        std::vector<std::string>& below);
    task<void> run_batch(pair_ref directory, std::vector<batch_item> items, semaphore::permit turn);
    task<file_outcome> copy_one(file_names names, bool follow);
    task<file_outcome> copy_shared(const batch_item& item, file_names names,
                                   std::string target_path);
    [[nodiscard]] pair_ref make_pair(const pair_ref& parent);
    void finish(const directory_pair& pair);
    void finish_names(int directory, const std::string& destination);
    void tell(const file_outcome& outcome, const std::string& source,
              const std::string& destination);
    void count(const file_outcome& outcome) noexcept;
    [[nodiscard]] bool wants(const file_outcome& outcome) const noexcept;
    // Whether a link of this name, one of the sources, is copied as what it leads to.
    [[nodiscard]] bool follows(const std::string& source) const noexcept;
    [[nodiscard]] bool takes_place_of_links(const std::string& source) const noexcept;

    copy_options options_;
    copy_meter& meter_;
    copy_listener& listener_;
    file_copier copier_;
    semaphore turns_;      // Batches and files at a time.
    semaphore shared_{1};  // Files with several names go one after the other.
    scope work_;
    copy_totals totals_;
    // Where the first copy of a file with several names is; forgotten after its last name.
    struct first_copy {
        std::string path;
        nlink_t names_left = 0;
    };
    std::map<std::pair<dev_t, ino_t>, first_copy> firsts_;
};

}  // namespace ringway
