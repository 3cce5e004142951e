#include "lab/files_small.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <string_view>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/file.hpp>
#include <ringway/fs/visit_files.hpp>
#include <ringway/runtime/cluster.hpp>

#include "lab/files_loop.hpp"

namespace ringway::lab {
namespace {

constexpr int cold_attempts = 20;
constexpr std::chrono::milliseconds between_attempts{50};
constexpr std::size_t sampled = 64;  // Files that are looked at to see whether they are cold.

bool is_cached(const unique_fd& file) {
    char byte = 0;
    const iovec part{&byte, 1};
    return ::preadv2(file.get(), &part, 1, 0, RWF_NOWAIT) == 1;
}

unique_fd open_in(const unique_fd& folder, const std::string& name, int flags) {
    return !folder ? unique_fd{}
                   : unique_fd{::openat(folder.get(), name.c_str(), flags | O_CLOEXEC, 0600)};
}

unique_fd open_folder(const std::string& path) {
    return unique_fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

}  // namespace

outcome<std::unique_ptr<small_files>> small_files::make(const std::string& directory,
                                                        std::size_t count, std::size_t bytes_each) {
    std::unique_ptr<small_files> made{
        new small_files{fmt::format("{}/ringway-bench-{}", directory, ::getpid()), bytes_each}};
    std::error_code failed;
    std::filesystem::create_directory(made->path_, failed);
    const auto folder = open_folder(made->path_);
    const std::string content(bytes_each, 'x');
    for (std::size_t i = 0; i < count; ++i) {
        auto name = fmt::format("file-{:06}", i);
        const auto file = open_in(folder, name, O_CREAT | O_TRUNC | O_WRONLY);
        if (::write(file.get(), content.data(), content.size()) !=
            static_cast<ssize_t>(content.size())) {
            return std::unexpected{fmt::format("can't write {}/{}: {}", made->path_, name,
                                               describe(error_from_errno(errno)))};
        }
        made->names_.push_back(std::move(name));
    }
    ::syncfs(folder.get());
    return made;
}

small_files::~small_files() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

outcome<void> small_files::make_cold() const {
    // Somebody else may hold a page for a moment, a busy processor its list of new ones for longer.
    for (int attempt = 0; attempt < cold_attempts; ++attempt) {
        if (attempt > 0) {
            std::this_thread::sleep_for(between_attempts);
        }
        if (drop_all()) {
            return {};
        }
    }
    return std::unexpected{fmt::format("{} can't be dropped from the cache; use --dir", path_)};
}

bool small_files::drop_all() const {
    const auto folder = open_folder(path_);
    for (const auto& name : names_) {
        const auto file = open_in(folder, name, O_RDONLY);
        ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    }
    for (std::size_t i = 0; i < std::min(sampled, names_.size()); ++i) {
        if (is_cached(open_in(folder, names_[i], O_RDONLY))) {
            return false;
        }
    }
    return true;
}

outcome<measurement> measure_small_loop(const trial& how, const small_files& of,
                                        const small_way& way) {
    if (way.cold) {
        if (const auto ready = of.make_cold(); !ready) {
            return std::unexpected{ready.error()};
        }
    }
    return on_measured_core(how, [&]() -> outcome<measurement> {
        const auto folder = open_folder(of.path());
        std::array<char, 65'536> memory;
        std::vector<std::string> contents(way.kept ? of.names().size() : 0);
        observe::histogram latency;
        measurement found;
        std::size_t bytes = 0;
        std::size_t index = 0;
        usage_meter meter{::getpid(), how.counting};
        auto now = loop_clock::now();
        for (const auto& name : of.names()) {
            const auto begin = now;
            const auto file = open_in(folder, name, O_RDONLY);
            for (ssize_t got = 1; got > 0;) {
                got = ::read(file.get(), memory.data(), memory.size());
                const auto more = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
                bytes += more;
                if (way.kept) {
                    contents[index].append(memory.data(), more);
                }
            }
            ++index;
            now = loop_clock::now();
            latency.record(static_cast<std::uint64_t>((now - begin).count()));
        }
        meter.finish(found, of.names().size(), bytes);
        found.set_latency(latency);
        found.failed = bytes == of.bytes() ? 0 : 1;
        return found;
    });
}

namespace {

task<void> read_batch(const root& in, const small_files& what, const small_way& way, bool counting,
                      measurement& into) {
    const read_limits limits{.files_at_once = way.at_once};
    std::size_t bytes = 0;
    usage_meter meter{::getpid(), counting};
    if (way.kept) {
        const auto all = co_await read_files(in, what.names(), limits);
        for (const auto& each : all) {
            bytes += each ? each->size() : 0;
        }
        meter.finish(into, what.names().size(), bytes);
    } else {
        co_await visit_files(
            in, what.names(),
            [&bytes](std::size_t, result<std::string_view> content) {
                bytes += content ? content->size() : 0;
            },
            limits);
        meter.finish(into, what.names().size(), bytes);
    }
    into.failed = bytes == what.bytes() ? 0 : 1;
}

}  // namespace

outcome<measurement> measure_small_batch(const trial& how, const small_files& of,
                                         const small_way& way) {
    if (way.cold) {
        if (const auto ready = of.make_cold(); !ready) {
            return std::unexpected{ready.error()};
        }
    }
    return on_measured_core(how, [&]() -> outcome<measurement> {
        auto made =
            cluster::make({.shards = 1,
                           .pin = false,
                           .driver = way.epoll ? driver_kind::epoll : driver_kind::io_uring});
        const auto where = root::open(of.path());
        if (!made || !where) {
            return std::unexpected{made ? describe(where.error())
                                        : explain_driver_refusal(made.error())};
        }
        measurement found;
        const auto ran =
            (*made)->run([&](shard&) { return read_batch(*where, of, way, how.counting, found); });
        if (!ran) {
            return std::unexpected{describe(ran.error())};
        }
        return found;
    });
}

}  // namespace ringway::lab
