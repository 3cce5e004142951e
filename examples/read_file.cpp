// Shows how a task opens and reads a file, and how errors come back: prints a file.
// usage: read_file PATH
#include <cstdio>
#include <string>

#include <ringway/fs/file.hpp>
#include <ringway/runtime/cluster.hpp>

using namespace ringway;

// `or_return` yields the value, or ends this task with the error.
static task<result<std::string>> read(std::string path) {
    const auto slash = path.rfind('/') + 1;  // 0 if there is none.
    const root folder = co_await or_return(root::open(slash == 0 ? "." : path.substr(0, slash)));
    const file source =
        co_await or_return(co_await open_file(folder, path.substr(slash), open_mode::read));
    co_return co_await source.read_all(64 * 1024 * 1024);
}

static task<void> print(std::string path, int& status) {
    const auto content = co_await read(path);
    if (content) {
        std::fwrite(content->data(), 1, content->size(), stdout);
    } else {
        std::fprintf(stderr, "%s: %s\n", path.c_str(), describe(content.error()).c_str());
        status = 1;
    }
}

int main(int count, char** words) {
    if (count != 2) {
        std::fputs("usage: read_file PATH\n", stderr);
        return 2;
    }
    int status = 0;
    auto made = cluster::make({});
    if (!made || !(*made)->run([&](shard&) { return print(words[1], status); })) {
        return 1;
    }
    return status;
}
