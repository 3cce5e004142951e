#include <ringway/files/file_cache.hpp>

#include <utility>

namespace ringway::files {
namespace {

// The entry itself, its place in the table and the texts it owns, roughly.
constexpr std::size_t entry_overhead = sizeof(cached_file) + 128;

}  // namespace

cached_file* file_cache::find(std::string_view key) noexcept {
    cached_file* const found = table_.find(key);
    if (found != nullptr) {
        found->used_ = true;
    }
    return found;
}

void file_cache::put(const cached_ref& entry) {
    forget(entry->key);
    entry->listed_ = true;
    link_newest(*entry);
    table_.insert(*entry);
    static_cast<void>(
        cached_ref{entry}.release());  // The table's own reference; `forget` takes it back.
    measure(*entry);
    evict();
    publish();
}

void file_cache::grown(cached_file& entry) {
    if (entry.listed_) {
        measure(entry);
        evict();
        publish();
    }
}

void file_cache::forget(std::string_view key) noexcept {
    cached_file* const found = table_.find(key);
    if (found == nullptr) {
        return;
    }
    const cached_ref gone = cached_ref::adopt(found);  // `key` may be the entry's own.
    table_.erase(key);
    unlink(*gone);
    publish();
}

void file_cache::close_unchecked_since(nanoseconds time) noexcept {
    for (cached_file* entry = oldest_; entry != nullptr;) {
        cached_file* const following = entry->newer_;
        if (entry->open_files_ > 0 && entry->checked < time) {
            forget(entry->key);
        }
        entry = following;
    }
}

void file_cache::clear() noexcept {
    while (oldest_ != nullptr) {
        forget(oldest_->key);
    }
}

// Notes what the entry holds now.
void file_cache::measure(cached_file& entry) noexcept {
    std::size_t bytes = entry_overhead + entry.key.size() + entry.path.size();
    std::size_t files = 0;
    const auto add = [&](const representation* variant) {
        if (variant != nullptr) {
            bytes += sizeof(representation);
            bytes += variant->ready ? variant->ready->memory_bytes() : 0;
            files += variant->file ? 1U : 0U;
        }
    };
    add(&entry.identity);
    for (const auto& variant : entry.encoded) {
        add(variant.get());
    }
    bytes_ = bytes_ - entry.bytes_ + bytes;
    open_files_ = open_files_ - entry.open_files_ + files;
    entry.bytes_ = bytes;
    entry.open_files_ = files;
}

void file_cache::link_newest(cached_file& entry) noexcept {
    entry.newer_ = nullptr;
    entry.older_ = newest_;
    (newest_ != nullptr ? newest_->newer_ : oldest_) = &entry;
    newest_ = &entry;
}

void file_cache::unlink(cached_file& entry) noexcept {
    (entry.newer_ != nullptr ? entry.newer_->older_ : newest_) = entry.older_;
    (entry.older_ != nullptr ? entry.older_->newer_ : oldest_) = entry.newer_;
    bytes_ -= std::exchange(entry.bytes_, 0);
    open_files_ -= std::exchange(entry.open_files_, 0);
    entry.listed_ = false;
}

// Second chance: the oldest goes unless it was used since it last stood here.
void file_cache::evict() noexcept {
    std::size_t chances = table_.size();
    while (oldest_ != nullptr &&
           (bytes_ > limits_.bytes_max || table_.size() > limits_.entries_max ||
            open_files_ > limits_.open_files_max)) {
        cached_file& candidate = *oldest_;
        if (candidate.used_ && chances-- > 0) {
            candidate.used_ = false;
            oldest_ = candidate.newer_;
            (oldest_ != nullptr ? oldest_->older_ : newest_) = nullptr;
            link_newest(candidate);
            continue;
        }
        forget(candidate.key);
        metrics_.cache_evictions.add();
    }
}

void file_cache::publish() noexcept {
    metrics_.cache_bytes.set(static_cast<std::int64_t>(bytes_));
    metrics_.cache_entries.set(static_cast<std::int64_t>(table_.size()));
}

}  // namespace ringway::files
