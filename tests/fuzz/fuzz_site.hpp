// A site of a few files for fuzzers of whole sessions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>

#include <ringway/base/assert.hpp>
#include <ringway/base/log.hpp>
#include <ringway/files/mime.hpp>
#include <ringway/files/site_options.hpp>
#include <ringway/fs/root.hpp>

namespace ringway::test {

/// Made once, gone at the end. Bodies never look like responses: they are dots.
class fuzz_site {
public:
    fuzz_site() {
        std::string name = std::filesystem::temp_directory_path() / "ringway-fuzz-XXXXXX";
        RW_ASSERT(::mkdtemp(name.data()) != nullptr);
        path_ = name;
        write("index.html", 100);
        write("a", 0);
        write("b", 1);
        write("c.css", 3000);
        write("c.css.gz", 500);
        std::filesystem::create_directory(path_ / "d");
        auto opened = root::open(path_);
        RW_ASSERT(opened.has_value());
        root_ = std::make_unique<root>(*std::move(opened));
        options.precompressed = wire::coding_bit(wire::coding::gzip);
        set_log_level(log_level::error);
    }
    fuzz_site(const fuzz_site&) = delete;
    fuzz_site& operator=(const fuzz_site&) = delete;
    ~fuzz_site() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const root& beneath() const { return *root_; }

    files::site_options options;
    files::mime_table types;

private:
    void write(const char* name, std::size_t size) const {
        std::ofstream{path_ / name} << std::string(size, '.');
    }

    std::filesystem::path path_;
    std::unique_ptr<root> root_;
};

}  // namespace ringway::test
