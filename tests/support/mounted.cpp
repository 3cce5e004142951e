#include "support/mounted.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

namespace ringway::test {
namespace {

// Loop devices and btrfs need room.
constexpr std::uint64_t megabytes_usual = 320;

bool run_quietly(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// What is mounted is seen by this process and its children only, and ends with them.
bool has_own_mounts() {
    static const bool done = ::unshare(CLONE_NEWNS) == 0 &&
                             ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return done;
}

}  // namespace

std::unique_ptr<mounted> mounted::make(const std::string& kind, std::uint64_t megabytes,
                                       std::string& why_not) {
    if (::geteuid() != 0 || !has_own_mounts()) {
        why_not = "mounting needs root";
        return nullptr;
    }
    std::unique_ptr<mounted> made{new mounted};
    made->path_ = made->scratch_.at("mounted");
    made->scratch_.make_directory("mounted");
    if (kind == "tmpfs") {
        const std::string size = "size=" + std::to_string(megabytes) + "m";
        made->is_mounted_ = ::mount("tmpfs", made->path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
    } else {
        const std::string image = made->scratch_.at("image");
        made->scratch_.write("image", "");
        std::filesystem::resize_file(image, megabytes << 20U);
        const std::string force = kind == "ext4" ? "-F " : "-f ";
        if (!run_quietly("mkfs." + kind + ' ' + force + image)) {
            why_not = "mkfs." + kind + " is missing or failed: ./dev setup xfsprogs btrfs-progs";
            return nullptr;
        }
        made->is_mounted_ = run_quietly("mount -o loop " + image + ' ' + made->path_);
    }
    if (!made->is_mounted_) {
        why_not = "can't mount " + kind + " here";
        return nullptr;
    }
    return made;
}

mounted::~mounted() {
    if (is_mounted_ && ::umount2(path_.c_str(), 0) != 0) {
        ::umount2(path_.c_str(), MNT_DETACH);
    }
}

void each_file_system::SetUp() {
    const std::string kind = GetParam();
    if (kind == "here") {
        scratch_ = std::make_unique<scratch_directory>();
        path_ = scratch_->path();
    } else {
        std::string why_not;
        mounted_ = mounted::make(kind, megabytes_usual, why_not);
        if (mounted_ == nullptr) {
            GTEST_SKIP() << why_not;
        }
        path_ = mounted_->path();
    }
    auto opened = root::open(path_);
    ASSERT_TRUE(opened.has_value());
    root_.emplace(*std::move(opened));
}

void each_direct_file_system::SetUp() {
    each_file_system::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
        return;
    }
    if (!has_direct_io()) {
        GTEST_SKIP() << "this file system has no O_DIRECT (tmpfs has it since Linux 6.6)";
    }
}

bool each_file_system::has_direct_io() const {
    const std::string probe = at("direct");
    const unique_fd opened{::open(probe.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_DIRECT, 0600)};
    std::filesystem::remove(probe);  // Some file systems refuse when the file is there already.
    return static_cast<bool>(opened);
}

std::string each_file_system::at(std::string_view name) const {
    return path_ + '/' + std::string{name};
}

void each_file_system::write(std::string_view name, std::string_view content) const {
    std::ofstream{at(name), std::ios::binary} << content;
}

std::string each_file_system::content(std::string_view name) const {
    std::ifstream file{at(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace ringway::test
