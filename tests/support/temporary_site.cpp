#include "support/temporary_site.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

#include "support/sockets.hpp"

namespace ringway::test {

void temporary_site::make_parents(std::string_view name) const {
    std::filesystem::create_directories(std::filesystem::path{at(name)}.parent_path());
}

// Not by a stream: one write(2) for all of it, so that a reader sees a change in as few steps as
// there can be.
void temporary_site::add(std::string_view name, std::string_view content) const {
    make_parents(name);
    const unique_fd file{::open(at(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    ASSERT_TRUE(file) << name;
    put(file.get(), content);
}

std::string temporary_site::add_pattern(std::string_view name, std::size_t size,
                                        unsigned seed) const {
    std::string content = pattern(size, seed);
    add(name, content);
    return content;
}

void temporary_site::replace(std::string_view name, std::string_view content) const {
    const std::string beside = std::string{name} + ".new";
    add(beside, content);
    rename(beside, name);
}

void temporary_site::add_link(std::string_view name, const std::string& target) const {
    make_parents(name);
    make_link(name, target);
}

void temporary_site::switch_link(std::string_view name, const std::string& target) const {
    const std::string beside = std::string{name} + ".new";
    make_link(beside, target);
    rename(beside, name);
}

void temporary_site::add_fifo(std::string_view name) const {
    ASSERT_EQ(::mkfifo(at(name).c_str(), 0644), 0);
}

void temporary_site::add_socket(std::string_view name) const {
    const unique_fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ASSERT_LT(at(name).size(), sizeof address.sun_path);
    at(name).copy(address.sun_path, sizeof address.sun_path);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

void temporary_site::truncate(std::string_view name, std::size_t size) const {
    ASSERT_EQ(::truncate(at(name).c_str(), static_cast<off_t>(size)), 0);
}

void temporary_site::remove(std::string_view name) const {
    ASSERT_GT(std::filesystem::remove_all(at(name)), 0U);
}

void temporary_site::rename(std::string_view from, std::string_view to) const {
    ASSERT_EQ(::rename(at(from).c_str(), at(to).c_str()), 0);
}

void temporary_site::set_mtime(std::string_view name, std::int64_t unix_seconds) const {
    const timespec times[2] = {{unix_seconds, 0}, {unix_seconds, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at(name).c_str(), times, 0), 0);
}

}  // namespace ringway::test
