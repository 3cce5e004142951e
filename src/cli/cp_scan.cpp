#include "cli/cp_scan.hpp"

#include <fts.h>
#include <memory>
#include <sys/stat.h>
#include <vector>

namespace ringway::cli {
namespace {

struct closed {
    void operator()(FTS* walk) const noexcept { ::fts_close(walk); }
};

}  // namespace

std::optional<std::uint64_t> count_bytes(std::span<const std::string> sources, bool recursive,
                                         followed_links follow, const std::atomic<bool>& stop) {
    std::vector<char*> paths;
    for (const std::string& each : sources) {
        paths.push_back(const_cast<char*>(each.c_str()));  // fts_open(3) only reads them.
    }
    paths.push_back(nullptr);
    const int links = follow == followed_links::all     ? FTS_LOGICAL
                      : follow == followed_links::named ? FTS_PHYSICAL | FTS_COMFOLLOW
                                                        : FTS_PHYSICAL;
    const std::unique_ptr<FTS, closed> walk{::fts_open(paths.data(), links | FTS_NOCHDIR, nullptr)};
    if (walk == nullptr) {
        return std::nullopt;
    }
    std::uint64_t bytes = 0;
    while (FTSENT* const entry = ::fts_read(walk.get())) {
        if (stop.load(std::memory_order_relaxed)) {
            return std::nullopt;
        }
        if (entry->fts_info == FTS_F) {
            bytes += static_cast<std::uint64_t>(entry->fts_statp->st_size);
        } else if (entry->fts_info == FTS_D && !recursive) {
            ::fts_set(walk.get(), entry, FTS_SKIP);
        }
    }
    return bytes;
}

}  // namespace ringway::cli
