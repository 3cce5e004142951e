// Shows reading many files at once: all opens go to the kernel in one system call, then all reads.
// usage: read_batch FOLDER NAME...     prints the size of each file
#include <cstdio>
#include <string>
#include <vector>

#include <ringway/fs/file.hpp>
#include <ringway/runtime/cluster.hpp>

using namespace ringway;

static task<void> print_sizes(const root& folder, const std::vector<std::string>& names) {
    const auto& counters = shard::current().io().counters();
    const auto calls_before = counters.enters.get();
    const auto contents = co_await read_files(folder, names);
    const auto calls = counters.enters.get() - calls_before;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (contents[i]) {
            std::printf("%s: %zu bytes\n", names[i].c_str(), contents[i]->size());
        } else {
            std::printf("%s: %s\n", names[i].c_str(), describe(contents[i].error()).c_str());
        }
    }
    std::printf("%zu files, %llu system calls for opening and reading\n", names.size(),
                static_cast<unsigned long long>(calls));
}

int main(int count, char** words) {
    if (count < 3) {
        std::fputs("usage: read_batch FOLDER NAME...\n", stderr);
        return 2;
    }
    const std::vector<std::string> names{words + 2, words + count};
    const auto folder = root::open(words[1]);
    auto made = cluster::make({});
    if (!folder || !made) {
        std::fprintf(stderr, "%s\n", describe(folder ? made.error() : folder.error()).c_str());
        return 1;
    }
    return (*made)->run([&](shard&) { return print_sizes(*folder, names); }) ? 0 : 1;
}
