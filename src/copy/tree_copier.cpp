#include "copy/tree_copier.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <utility>

#include <ringway/runtime/run_blocking.hpp>

#include "copy/other_kinds.hpp"

namespace ringway {
namespace {

constexpr unsigned turns_per_job = 2;  // One runs, one waits.

copy_options checked(copy_options options) {
    options.jobs = std::clamp(options.jobs, 1U, 64U);
    return options;
}

file_outcome stopped() {
    return file_outcome::failed(copy_step::read_source, error_from_errno(ECANCELED));
}

}  // namespace

tree_copier::tree_copier(const copy_options& options, copy_meter& meter, copy_listener& listener)
    : options_{checked(options)},
      meter_{meter},
      listener_{listener},
      copier_{options_.how, options_.jobs},
      turns_{std::size_t{options_.jobs} * turns_per_job} {}

void tree_copier::count(const file_outcome& outcome) noexcept {
    switch (outcome.what) {
        case copy_what::copied: ++totals_.files; break;
        case copy_what::kept:
            ++totals_.kept;
            meter_.bytes.fetch_add(outcome.report.bytes, std::memory_order_relaxed);
            break;
        case copy_what::skipped: ++totals_.skipped; break;
        case copy_what::linked: ++totals_.links; break;
        case copy_what::special: ++totals_.specials; break;
        case copy_what::directory: ++totals_.directories; break;
        case copy_what::warned: ++totals_.warnings; break;
        case copy_what::failed: ++totals_.failures; break;
    }
    totals_.moved += outcome.report.moved;
}

bool tree_copier::wants(const file_outcome& outcome) const noexcept {
    return options_.tell_each || outcome.what == copy_what::failed ||
           outcome.what == copy_what::warned;
}

void tree_copier::tell(const file_outcome& outcome, const std::string& source,
                       const std::string& destination) {
    if (wants(outcome) && listener_) {
        listener_({.what = outcome.what,
                   .source = source,
                   .destination = destination,
                   .report = outcome.report,
                   .sha256 = outcome.sha256,
                   .step = outcome.step,
                   .failure = outcome.failure});
    }
}

// A slash at the end asks for the directory, as it does for every system call.
bool tree_copier::follows(const std::string& source) const noexcept {
    return options_.follow != followed_links::none || source.ends_with('/');
}

tree_copier::pair_ref tree_copier::make_pair(const pair_ref& parent) {
    // The last who holds it finishes it: that is after everything in it is there.
    pair_ref made{new directory_pair, [this](directory_pair* pair) {
                      finish(*pair);
                      delete pair;
                  }};
    made->parent = parent;
    return made;
}

void tree_copier::finish(const directory_pair& pair) {
    if (!pair.target) {
        return;
    }
    auto given = finish_directory(pair, options_.kept);
    if (given && options_.how.sync) {
        given = sync_directory(pair.target.get());
    }
    if (!given) {
        file_outcome outcome;
        outcome.what = copy_what::warned;
        outcome.step = copy_step::attributes;
        outcome.failure = given.error();
        count(outcome);
        tell(outcome, pair.source_path, pair.target_path);
    }
}

// One file of which nothing is known yet, by whatever way suits it.
task<file_outcome> tree_copier::copy_one(file_names names, bool follow) {
    one_file file{options_, meter_.stop, std::move(names)};
    auto ended = co_await run_blocking(copier_.workers(), [&]() -> std::optional<file_outcome> {
        if (auto failed = file.open(follow)) {
            return failed;
        }
        if (auto small = copy_small_file(file, options_, meter_, true)) {
            return small;
        }
        return file.prepare();
    });
    if (ended) {
        co_return *std::move(ended);
    }
    meter_.bytes.fetch_add(file.present(), std::memory_order_relaxed);
    const auto copied = co_await copier_.copy(file.from(), file.to(), meter_, file.present());
    if (!copied) {
        co_return file.failed_copying(copied.error());
    }
    co_return co_await run_blocking(copier_.workers(), [&] { return file.complete(*copied); });
}

// A file with several names: the first is copied, the others become names of that copy.
task<file_outcome> tree_copier::copy_shared(const batch_item& item, file_names names,
                                            std::string target_path) {
    const auto turn = co_await shared_.acquire_permit();
    if (!turn) {
        co_return stopped();
    }
    const std::pair key{item.device, item.inode};
    const auto first = firsts_.find(key);
    if (first != firsts_.end()) {
        file_outcome linked = co_await run_blocking(
            copier_.workers(), [&] { return link_to_copy(first->second.path, names, options_); });
        if (--first->second.names_left == 0) {
            firsts_.erase(first);
        }
        co_return linked;
    }
    file_outcome copied = co_await copy_one(std::move(names), false);
    if (copied.what == copy_what::copied || copied.what == copy_what::warned) {
        firsts_[key] = {std::move(target_path), item.names};
    }
    co_return copied;
}

task<void> tree_copier::run_batch(pair_ref directory, std::vector<batch_item> items,
                                  semaphore::permit turn) {
    co_await run_blocking(copier_.workers(),
                          [&] { copy_batch(*directory, options_, meter_, items); });
    for (batch_item& each : items) {
        file_names names = directory->names_of(each.item.name);
        const std::string& name = each.item.name;
        if (each.is_shared) {
            each.outcome =
                co_await copy_shared(each, std::move(names), directory->target_path + "/" + name);
        } else if (each.goes_on) {
            each.outcome =
                co_await copy_one(std::move(names), options_.follow == followed_links::all);
        }
        count(each.outcome);
        if (wants(each.outcome)) {
            tell(each.outcome, directory->source_path + "/" + name,
                 directory->target_path + "/" + name);
        }
    }
    turn.reset();
}

task<void> tree_copier::hand_out(const pair_ref& directory, directory_portion portion,
                                 std::vector<std::string>& below) {
    std::vector<batch_item> items;
    for (std::size_t i = 0; i <= portion.size(); ++i) {
        const bool end = i == portion.size();
        if (!end && portion[i].type == DT_DIR) {
            below.push_back(std::move(portion[i].name));
        } else if (!end) {
            items.push_back({.item = std::move(portion[i])});
        }
        if (items.size() == batch_items_max || (end && !items.empty())) {
            auto turn = co_await turns_.acquire_permit();
            if (!turn) {
                co_return;
            }
            work_.spawn(run_batch(directory, std::exchange(items, {}), *std::move(turn)));
        }
    }
}

task<void> tree_copier::walk(pair_ref directory) {
    std::vector<std::string> below;
    for (;;) {
        auto portion = co_await run_blocking(copier_.workers(), [&] {
            return read_portion(*directory, options_.follow == followed_links::all);
        });
        if (!portion) {
            const auto outcome = file_outcome::failed(copy_step::list_directory, portion.error());
            count(outcome);
            tell(outcome, directory->source_path, directory->target_path);
            break;
        }
        if (portion->empty() || meter_.stop.load(std::memory_order_relaxed)) {
            break;
        }
        co_await hand_out(directory, *std::move(portion), below);
    }
    for (std::string& name : below) {
        if (meter_.stop.load(std::memory_order_relaxed)) {
            break;
        }
        const pair_ref child = make_pair(directory);
        child->source_path = directory->source_path + "/" + name;
        child->target_path = directory->target_path + "/" + name;
        auto failed = co_await run_blocking(copier_.workers(), [&] {
            return enter_directory(*child, directory->names_of(name),
                                   options_.follow == followed_links::all, false);
        });
        file_outcome outcome = failed ? *failed : file_outcome{.what = copy_what::directory};
        count(outcome);
        tell(outcome, child->source_path, child->target_path);
        if (!failed) {
            co_await walk(child);
        } else {
            child->target.reset();  // Not ours to finish.
        }
    }
}

task<void> tree_copier::copy_tree(file_names names, std::string target_path, bool follow) {
    const pair_ref top = make_pair(nullptr);
    top->source_path = names.source.substr(0, names.source.find_last_not_of('/') + 1);
    top->target_path = std::move(target_path);
    auto failed = co_await run_blocking(copier_.workers(),
                                        [&] { return enter_directory(*top, names, follow, true); });
    const file_outcome outcome = failed ? *failed : file_outcome{.what = copy_what::directory};
    count(outcome);
    tell(outcome, names.source, top->target_path);
    if (failed) {
        top->target.reset();
        co_return;
    }
    co_await walk(top);
}

task<void> tree_copier::copy_named_file(file_names names, std::string target_path,
                                        semaphore::permit turn) {
    const std::string source = names.source;
    batch_item item;
    struct stat facts{};
    const bool follow = follows(source);
    const int looked =
        ::fstatat(names.source_directory, source.c_str(), &facts, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    file_outcome outcome;
    if (looked != 0) {
        outcome = file_outcome::failed(copy_step::open_source, error_from_errno(errno));
    } else if (S_ISLNK(facts.st_mode)) {
        outcome = copy_link(names, options_);
    } else if (options_.recursive && !S_ISREG(facts.st_mode)) {
        outcome = copy_special(names, options_);
    } else if (options_.hard_links && facts.st_nlink > 1) {
        item.device = facts.st_dev;
        item.inode = facts.st_ino;
        item.names = facts.st_nlink - 1;
        outcome = co_await copy_shared(item, std::move(names), target_path);
    } else {
        outcome = co_await copy_one(std::move(names), follow);
    }
    count(outcome);
    tell(outcome, source, target_path);
    turn.reset();
}

task<void> tree_copier::copy_source(std::string source, int target_directory, std::string target,
                                    std::string target_path) {
    struct stat facts{};
    const bool follow = follows(source);
    file_names names{AT_FDCWD, target_directory, source, std::move(target),
                     shares_blocks_in(target_directory)};
    const bool directory =
        ::fstatat(AT_FDCWD, source.c_str(), &facts, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(facts.st_mode);
    if (!directory) {
        auto turn = co_await turns_.acquire_permit();
        if (turn) {
            work_.spawn(
                copy_named_file(std::move(names), std::move(target_path), *std::move(turn)));
        }
        co_return;
    }
    const auto slash = target_path.rfind('/');
    const std::string above = slash == std::string::npos ? "." : target_path.substr(0, slash + 1);
    std::optional<file_outcome> refused;
    if (!options_.recursive) {
        refused = file_outcome::failed(copy_step::left_out, error_from_errno(EISDIR));
    } else if (is_within(above, facts)) {
        refused = file_outcome::failed(copy_step::into_itself, error_from_errno(EINVAL));
    }
    if (refused) {
        count(*refused);
        tell(*refused, source, target_path);
        co_return;
    }
    co_await copy_tree(std::move(names), std::move(target_path), follow);
}

}  // namespace ringway
