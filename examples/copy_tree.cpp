// Shows copying with a stream of events about how far it is.
// usage: copy_tree FROM TO     a file or a directory; prints how far it is, then what was copied
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <ringway/copy/copy_paths.hpp>
#include <ringway/coro/channel.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/runtime/cluster.hpp>
#include <ringway/runtime/progress.hpp>

using namespace ringway;

// Beside the copy: each event as it comes, until the channel is closed.
static task<void> tell(channel<progress_event>& events) {
    while (const auto event = co_await events.receive()) {
        std::printf("%llu bytes, %.0f MB/s\n", static_cast<unsigned long long>(event->count.done),
                    event->bytes_per_second / 1e6);
    }
}

static task<void> copy(std::string from, std::string to, int& status) {
    copy_meter meter;
    channel<progress_event> events{16};
    scope telling;
    scope watching;
    telling.spawn(tell(events));
    watching.spawn(watch_progress(
        std::chrono::milliseconds{100}, [&meter] { return progress_count{meter.bytes.load(), 0}; },
        events));
    copy_listener listener = [](const copy_event& event) {
        std::fprintf(stderr, "%s: %s\n", event.source.c_str(), describe(event.failure).c_str());
    };
    const std::vector<std::string> sources{from};
    const copy_totals totals = co_await copy_paths(
        sources, to, {.recursive = true, .no_target_directory = true}, meter, listener);
    watching.request_stop();
    co_await watching.join();
    co_await telling.join();
    std::printf("%llu files, %llu bytes\n", static_cast<unsigned long long>(totals.files),
                static_cast<unsigned long long>(meter.bytes.load()));
    status = totals.failures > 0 ? 1 : 0;
}

int main(int count, char** words) {
    if (count != 3) {
        std::fputs("usage: copy_tree FROM TO\n", stderr);
        return 2;
    }
    int status = 1;
    auto made = cluster::make({});
    if (!made || !(*made)->run([&](shard&) { return copy(words[1], words[2], status); })) {
        return 1;
    }
    return status;
}
