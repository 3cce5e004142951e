// Goal: where the host has delegated BPF to a container by a BPF file system, its token stands for
// the capabilities that a user namespace does not really have.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <ringway/base/unique_fd.hpp>

#include "support/need_bpf.hpp"
#include "support/need_kernel.hpp"
#include "support/xdp_command.hpp"

namespace ringway::test {
namespace {

// What the container runs: a pair of interfaces of its own, and the command on one of them.
constexpr const char* work =
    "ip link add near type veth peer name far && ip link set near up && ip link set far up && "
    "exec " RINGWAY_BINARY " xdp drop near --json -d 300ms udp";

// Two processes that take turns.
class turns {
public:
    turns() {
        std::array<int, 2> made{-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, made.data()), 0);
        ours_ = unique_fd{made[0]};
        theirs_ = unique_fd{made[1]};
    }
    void be_child() { std::swap(ours_, theirs_); }
    void forget_theirs() { theirs_.reset(); }
    void tell(int what) const { static_cast<void>(::send(ours_.get(), &what, sizeof what, 0)); }
    // -1 when the other side has ended.
    [[nodiscard]] int hear() const {
        int what = -1;
        return ::recv(ours_.get(), &what, sizeof what, 0) == sizeof what ? what : -1;
    }

private:
    unique_fd ours_;
    unique_fd theirs_;
};

// The container's side, which ends in `work`. Its status: 100 and more where it did not get there.
[[noreturn]] void be_container(turns& with, bool delegated) {
    with.be_child();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0) {
        ::_exit(100);
    }
    with.tell(0);
    if (with.hear() != 0 || ::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0 ||
        ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        ::_exit(101);
    }
    if (delegated) {
        const int context = ::fsopen("bpf", 0);  // Of this namespace, filled by the host.
        with.tell(context);
        if (context < 0 || with.hear() != 0) {
            ::_exit(102);
        }
        const int mounted = ::fsmount(context, 0, 0);
        if (mounted < 0 ||
            ::move_mount(mounted, "", AT_FDCWD, "/sys/fs/bpf", MOVE_MOUNT_F_EMPTY_PATH) != 0) {
            ::_exit(103);
        }
    }
    ::execl("/bin/sh", "sh", "-c", work, nullptr);
    ::_exit(104);
}

bool map_users(pid_t container) {
    const std::string folder = "/proc/" + std::to_string(container);
    std::ofstream{folder + "/setgroups"} << "deny";
    std::ofstream gids{folder + "/gid_map"};
    std::ofstream uids{folder + "/uid_map"};
    gids << "0 1000 1" << std::flush;
    uids << "0 1000 1" << std::flush;
    return gids.good() && uids.good();
}

// Allows the file system that the container has begun all that there is.
int delegate(pid_t container, int context) {
    const unique_fd process{static_cast<int>(::syscall(SYS_pidfd_open, container, 0))};
    const unique_fd mine{static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), context, 0))};
    for (const char* const what :
         {"delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs"}) {
        if (::fsconfig(mine.get(), FSCONFIG_SET_STRING, what, "any", 0) != 0) {
            return errno;
        }
    }
    return ::fsconfig(mine.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0 ? 0 : errno;
}

std::string read_all(int from) {
    std::string text;
    std::array<char, 4096> some{};
    ssize_t count = 0;
    while ((count = ::read(from, some.data(), some.size())) > 0) {
        text.append(some.data(), static_cast<std::size_t>(count));
    }
    return text;
}

// Runs `work` as user 1000, who is root in a user namespace.
ended_process run_in_container(bool delegated) {
    turns between;
    std::array<int, 2> said{-1, -1};
    EXPECT_EQ(::pipe(said.data()), 0);
    const pid_t container = ::fork();
    if (container == 0) {
        ::dup2(said[1], STDOUT_FILENO);
        ::dup2(said[1], STDERR_FILENO);
        ::close(said[0]);
        be_container(between, delegated);
    }
    ::close(said[1]);
    const unique_fd output{said[0]};
    between.forget_theirs();
    if (between.hear() == 0) {
        between.tell(map_users(container) ? 0 : 1);
        if (const int context = delegated ? between.hear() : -1; context >= 0) {
            between.tell(delegate(container, context));
        }
    }
    ended_process ended;
    ended.standard_output = read_all(output.get());
    int status = 0;
    ::waitpid(container, &status, 0);
    ended.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ended;
}

TEST(xdp_token, stands_for_capabilities) {
    RW_NEED_KERNEL(6, 9, "a BPF token");
    RW_NEED_BPF();
    if (::geteuid() != 0) {
        GTEST_SKIP() << "delegating BPF to a container takes root";
    }
    const ended_process without = run_in_container(false);
    if (without.exit_status >= 100) {
        GTEST_SKIP() << "user namespaces are refused here (step " << without.exit_status << ")";
    }
    if (without.standard_output.contains("Permission denied")) {
        GTEST_SKIP() << "user 1000 may not read the build directory";
    }
    EXPECT_EQ(without.exit_status, 1) << without.standard_output;
    EXPECT_TRUE(without.standard_output.contains("loading BPF programs"))
        << without.standard_output;
    const ended_process with = run_in_container(true);
    ASSERT_EQ(with.exit_status, 0) << with.standard_output;
    EXPECT_TRUE(with.standard_output.contains(R"("mode":"driver")")) << with.standard_output;
    EXPECT_TRUE(with.standard_output.contains(R"("event":"total")")) << with.standard_output;
}

}  // namespace
}  // namespace ringway::test
