#include "copy/batch.hpp"

#include <cerrno>
#include <utility>

#include "copy/copy_job.hpp"
#include "copy/other_kinds.hpp"

namespace ringway {
namespace {

struct waiting_file {
    batch_item* item;
    one_file file;
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
    for (waiting_file& each : waiting) {
        copy_waiting(each, options, meter);
    }
}

}  // namespace ringway
