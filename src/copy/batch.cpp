#include "copy/batch.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/uio.h>
#include <utility>

#include "copy/copy_job.hpp"
#include "copy/other_kinds.hpp"

namespace ringway {
namespace {

struct waiting_file {
    batch_item* item;
    one_file file;
    std::uint64_t asked_for = 0;  // Bytes that are on their way from disk.
};

bool by_ring(copy_method method) noexcept {
    return method == copy_method::ring || method == copy_method::ring_direct;
}

// The long way, on this thread.
file_outcome copy_medium_file(one_file& file, const copy_options& options, copy_meter& meter) {
    if (auto ended = file.prepare()) {
        return *std::move(ended);
    }
    const copy_context context{.calls = kernel_calls::real(),
                               .from = file.from(),
                               .to = file.to(),
                               .skip_zeros = options.how.sparse == sparse_mode::always,
                               .buffer_bytes = options.how.buffer_bytes,
                               .meter = meter};
    const auto copied = copy_blocking(options.how, context, file.present());
    return copied ? file.complete(*copied) : file.failed_copying(copied.error());
}

// Nothing: it waits for the second round.
std::optional<file_outcome> try_regular(one_file& file, batch_item& item,
                                        const copy_options& options, copy_meter& meter) {
    if (auto failed = file.open(options.follow == followed_links::all)) {
        return failed;
    }
    const struct stat& facts = file.facts();
    if (options.hard_links && facts.st_nlink > 1) {
        item.is_shared = true;
        item.device = facts.st_dev;
        item.inode = facts.st_ino;
        item.names = facts.st_nlink - 1;
        return file_outcome{};
    }
    if (by_ring(options.how.method) ||
        static_cast<std::uint64_t>(facts.st_size) >= large_file_bytes) {
        item.goes_on = true;
        return file_outcome{};
    }
    return copy_small_file(file, options, meter, false);
}

// Whether the file has to be read from disk, by a look at its middle that does not wait.
bool is_cold(const one_file& file) noexcept {
    char byte = 0;
    const iovec part{&byte, 1};
    return ::preadv2(file.from(), &part, 1, file.facts().st_size / 2, RWF_NOWAIT) < 0 &&
           errno == EAGAIN;
}

// Lets the files behind the one that is copied come from disk meanwhile, as many as `bytes_ahead`
// has room for. Small ones were asked for when they were looked at first.
class reading_ahead {
public:
    explicit reading_ahead(std::vector<waiting_file>& all) noexcept : all_{all} {}

    // Before the file `index` is copied.
    void move_to(std::size_t index) noexcept {
        next_ = std::max(next_, index);
        for (; next_ < all_.size() && asked_ < bytes_ahead; ++next_) {
            const one_file& file = all_[next_].file;
            if (S_ISREG(file.facts().st_mode) && is_cold(file)) {
                all_[next_].asked_for = ask_for(file);
                asked_ += all_[next_].asked_for;
            }
        }
        asked_ -= all_[index].asked_for;
    }

private:
    static constexpr std::uint64_t bytes_ahead = std::uint64_t{8} << 20U;
    // One call reads no more than the device takes at once (max_sectors_kb), which is seldom less.
    static constexpr std::uint64_t bytes_per_call = std::uint64_t{512} << 10U;

    static std::uint64_t ask_for(const one_file& file) noexcept {
        const auto size = static_cast<std::uint64_t>(file.facts().st_size);
        for (std::uint64_t at = 0; at < size; at += bytes_per_call) {
            ::posix_fadvise(file.from(), static_cast<off_t>(at), bytes_per_call,
                            POSIX_FADV_WILLNEED);
        }
        return size;
    }

    std::vector<waiting_file>& all_;
    std::size_t next_ = 0;
    std::uint64_t asked_ = 0;
};

void copy_waiting(waiting_file& waiting, const copy_options& options, copy_meter& meter) {
    auto small = copy_small_file(waiting.file, options, meter, true);
    waiting.item->outcome =
        small ? *std::move(small) : copy_medium_file(waiting.file, options, meter);
}

}  // namespace

void copy_batch(const directory_pair& where, const copy_options& options, copy_meter& meter,
                std::vector<batch_item>& items) {
    std::vector<waiting_file> waiting;
    for (batch_item& each : items) {
        if (meter.stop.load(std::memory_order_relaxed)) {
            each.outcome =
                file_outcome::failed(copy_step::read_source, error_from_errno(ECANCELED));
            continue;
        }
        file_names names = where.names_of(each.item.name);
        if (each.item.type == DT_LNK) {
            each.outcome = copy_link(names, options);
        } else if (each.item.type != DT_REG && each.item.type != DT_UNKNOWN) {
            each.outcome = copy_special(names, options);
        } else {
            one_file file{options, meter.stop, std::move(names)};
            if (auto ended = try_regular(file, each, options, meter)) {
                each.outcome = *std::move(ended);
            } else {
                waiting.push_back({&each, std::move(file)});
            }
        }
    }
    reading_ahead ahead{waiting};
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        ahead.move_to(i);
        copy_waiting(waiting[i], options, meter);
    }
}

}  // namespace ringway
