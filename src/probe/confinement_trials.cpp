// Trials of what a program can do to confine itself. What can't be undone is tried in a child.
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>

#include "probe/run_trials.hpp"
#include "probe/trial.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

// What the children yield: 0, or the errno; and this when there was no failure, but no effect.
constexpr int no_effect = 120;

outcome from_child(int status, std::string fix = {}) {
    if (status < 0) {
        return found_nothing("no process could be started for it");
    }
    if (status == no_effect) {
        return found_no("it was taken, but has no effect");
    }
    return status == 0 ? found_yes() : refused(status, std::move(fix));
}

// Nothing may be opened for reading any more.
int restrict_files() {
    landlock_ruleset_attr wanted{};
    wanted.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const unique_fd rules{
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0))};
    if (!rules || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
        return errno;
    }
    return ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 ? 0 : no_effect;
}

outcome landlock(argument) {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0) {
        return refused(errno, errno == EOPNOTSUPP
                                  ? "add landlock to lsm= on the kernel's command line"
                                  : "run a kernel with CONFIG_SECURITY_LANDLOCK, 5.13 or newer");
    }
    auto found = from_child(run_in_child(restrict_files));
    if (found.has == state::yes) {
        constexpr long with_network = 4;
        found.detail = fmt::format("version {}{}", version,
                                   version >= with_network ? ", ports too" : ", files only");
    }
    return found;
}

int forbid_a_call() {
    std::array<sock_filter, 4> program{
        sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    const sock_fprog filter{program.size(), program.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        return errno;
    }
    return ::syscall(SYS_getppid) == -1 ? 0 : no_effect;
}

template <int Flags>
int unshares() {
    return ::unshare(Flags) == 0 ? 0 : errno;
}

outcome seccomp(argument) { return from_child(run_in_child(forbid_a_call)); }

// Which of the switches is off: Debian's, AppArmor's or the kernel's own.
outcome user_namespaces(argument) {
    std::string fix;
    if (first_line_of("/proc/sys/kernel/unprivileged_userns_clone") == "0") {
        fix = "sudo sysctl -w kernel.unprivileged_userns_clone=1";
    } else if (first_line_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
        fix = "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    } else if (first_line_of("/proc/sys/user/max_user_namespaces") == "0") {
        fix = "sudo sysctl -w user.max_user_namespaces=10000";
    }
    return from_child(run_in_child(unshares<CLONE_NEWUSER>), fix);
}

outcome network_namespaces(argument) {
    const int direct = run_in_child(unshares<CLONE_NEWNET>);
    if (direct != EPERM) {
        return from_child(direct);
    }
    return run_in_child(unshares < CLONE_NEWUSER | CLONE_NEWNET >) == 0
               ? found_partial("inside a user namespace only")
               : refused(EPERM, "sudo ringway doctor");
}

outcome lockdown(argument) {
    const auto line = first_line_of("/sys/kernel/security/lockdown");
    if (line.empty()) {
        return found_nothing("/sys/kernel/security/lockdown can't be read",
                             ::geteuid() == 0 ? "mount -t securityfs none /sys/kernel/security"
                                              : "sudo ringway doctor");
    }
    return line.contains("[none]") ? found_yes("no lockdown")
                                   : found_partial(line, "boot without lockdown=");
}

outcome effective_rights(argument) {
    constexpr std::array<unsigned, 4> interesting{12, 21, 38, 39};
    constexpr std::array<const char*, 4> names{"CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_PERFMON",
                                               "CAP_BPF"};
    // struct __user_cap_header_struct and _data_struct, version 3 (capget(2)).
    struct {
        std::uint32_t version = 0x20080522;
        int pid = 0;
    } head;
    struct {
        std::uint32_t effective, permitted, inheritable;
    } sets[2]{};
    if (::syscall(SYS_capget, &head, &sets) != 0) {
        return refused(errno);
    }
    std::string all;
    std::size_t count = 0;
    for (std::size_t i = 0; i < interesting.size(); ++i) {
        const unsigned bit = interesting[i];
        if ((sets[bit / 32].effective >> (bit % 32) & 1U) != 0) {
            all += (all.empty() ? "" : ", ") + std::string{names[i]};
            ++count;
        }
    }
    return count == interesting.size() ? found_yes(all)
           : count == 0                ? found_no("no rights beyond a user's")
                                       : found_partial(all);
}

constexpr auto about = topic::confinement;

}  // namespace

std::vector<trial> confinement_trials() {
    return {
        {"confinement.landlock", about, "Landlock", "5.13", "a child that may read no file",
         "A program gives up files that it does not need, without root", "", false, landlock},
        {"confinement.seccomp", about, "seccomp filters", "3.5", "a child that may not getppid(2)",
         "A program gives up system calls", "", false, seccomp},
        {"confinement.user_namespaces", about, "user namespaces", "3.8",
         "a child with CLONE_NEWUSER", "Rootless containers; bench quic without root", "", false,
         user_namespaces},
        {"confinement.network_namespaces", about, "network namespaces", "2.6.29",
         "a child with CLONE_NEWNET", "Tests and trials that touch no real interface", "", false,
         network_namespaces},
        {"confinement.lockdown", about, "no kernel lockdown", "5.4", "lockdown of securityfs",
         "Lockdown forbids some kinds of BPF and tracing", "", false, lockdown},
        {"confinement.rights", about, "rights of this process", "", "capget(2)",
         "XDP, BPF and tracing need them; serve does not", "sudo ringway doctor", false,
         effective_rights},
    };
}

}  // namespace ringway::probe
