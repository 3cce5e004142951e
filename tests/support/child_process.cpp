#include "support/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/patience.hpp"

namespace ringway::test {
namespace {

std::vector<std::string> environment_of(const launch& what) {
    std::vector<std::string> all;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        if (!text.starts_with("RINGWAY_") || text.starts_with("RINGWAY_DRIVER=")) {
            all.emplace_back(text);
        }
    }
    for (const auto& [name, value] : what.environment) {
        std::erase_if(all, [&](const std::string& old) { return old.starts_with(name + '='); });
        all.push_back(name + '=' + value);
    }
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

// Appending, because a memory file does not keep the writes of several threads apart otherwise.
unique_fd memory_file() {
    unique_fd file{::memfd_create("output", MFD_CLOEXEC)};
    EXPECT_TRUE(file);
    EXPECT_EQ(::fcntl(file.get(), F_SETFL, O_APPEND), 0);
    return file;
}

std::string content_of(int fd) {
    std::string all;
    std::array<char, 16384> piece;
    for (;;) {
        const ssize_t size =
            ::pread(fd, piece.data(), piece.size(), static_cast<off_t>(all.size()));
        if (size <= 0) {
            return all;
        }
        all.append(piece.data(), static_cast<std::size_t>(size));
    }
}

// For this process and all that come from it.
void refuse_call(long number) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{std::size(program), program};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        ::_exit(126);
    }
}

// In the child, between fork and exec.
[[noreturn]] void become(const launch& what, char** arguments, char** environment, int output,
                         int error) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (what.descriptors_max != 0) {
        const rlimit limit{what.descriptors_max, what.descriptors_max};
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (what.refused_call >= 0) {
        refuse_call(what.refused_call);
    }
    const bool is_user = what.user == 0 || (::setgid(what.user) == 0 && ::setuid(what.user) == 0);
    if (is_user && ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(error, STDERR_FILENO) >= 0) {
        ::execvpe(arguments[0], arguments, environment);
    }
    ::_exit(127);
}

}  // namespace

child_process::child_process(const launch& what) : output_{memory_file()}, error_{memory_file()} {
    std::vector<std::string> arguments{what.program};
    arguments.insert(arguments.end(), what.arguments.begin(), what.arguments.end());
    std::vector<std::string> environment = environment_of(what);
    const std::vector<char*> argument_pointers = pointers_to(arguments);
    const std::vector<char*> environment_pointers = pointers_to(environment);
    id_ = ::fork();
    if (id_ == 0) {
        become(what, const_cast<char**>(argument_pointers.data()),
               const_cast<char**>(environment_pointers.data()), output_.get(), error_.get());
    }
    EXPECT_GT(id_, 0);
}

child_process::~child_process() {
    if (!has_ended()) {
        signal(SIGKILL);
        ::waitpid(id_, nullptr, 0);
    }
}

void child_process::signal(int number) const noexcept {
    if (!ended_) {
        ::kill(id_, number);
    }
}

std::string child_process::standard_output() const { return content_of(output_.get()); }

std::string child_process::standard_error() const { return content_of(error_.get()); }

bool child_process::has_ended() noexcept {
    int status = 0;
    if (!ended_ && ::waitpid(id_, &status, WNOHANG) == id_) {
        ended_ = true;
        exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return ended_;
}

ended_process child_process::wait() {
    if (!eventually([this] { return has_ended(); }, std::chrono::seconds{30})) {
        ADD_FAILURE() << "it does not end; it said:\n" << standard_error();
        signal(SIGKILL);
        EXPECT_TRUE(eventually([this] { return has_ended(); }));
    }
    return {exit_status_, standard_output(), standard_error()};
}

ended_process run_program(const launch& what) {
    child_process child{what};
    return child.wait();
}

}  // namespace ringway::test
