#include "lab/veth_pair.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <ringway/base/result.hpp>
#include <ringway/base/unique_fd.hpp>

#include "lab/process.hpp"
#include "lab/program_versions.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::seconds patience{10};
constexpr std::string_view ready_word = "ready";

enum class end : std::uint8_t { client = 1, server = 2 };

outcome<void> run_script(const std::string& script) {
    auto running = process::start_anywhere({"sh", "-ec", script});
    if (!running) {
        return std::unexpected{running.error()};
    }
    const auto status = running->wait(patience);
    if (!status || *status != 0) {
        return std::unexpected{fmt::format("can't set up a veth pair: {}",
                                           status ? running->errors() : status.error())};
    }
    return {};
}

// Of one end, inside its namespace.
std::string script_of(end which) {
    const auto own = static_cast<int>(which);
    return fmt::format(
        "ip address add 10.213.0.{0}/30 dev {2}; ip link set {2} up; ip link set lo up; "
        "ip neigh replace 10.213.0.{1} lladdr 02:00:00:00:00:0{1} dev {2}",
        own, 3 - own, veth_name);
}

// IPv6 would send packets of its own. Interfaces take it from here when they are made.
void disable_ipv6() {
    std::ofstream setting{"/proc/sys/net/ipv6/conf/default/disable_ipv6"};
    setting << '1';  // Fails where the kernel has no IPv6.
}

std::string read_word(int from) {
    std::array<char, 1024> text{};
    ssize_t size = 0;
    while ((size = ::read(from, text.data(), text.size())) < 0 && errno == EINTR) {
    }
    return {text.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

void say(int to, std::string_view word) {
    static_cast<void>(::write(to, word.data(), word.size()) > 0);
}

bool move_to_core(unsigned core) {
    cpu_set_t wanted;
    CPU_ZERO(&wanted);
    CPU_SET(core, &wanted);
    return ::sched_setaffinity(0, sizeof wanted, &wanted) == 0;
}

std::string enter_namespace() {
    if (::unshare(CLONE_NEWNET) != 0) {
        return fmt::format("no network namespace: {} (needs root)",
                           describe(error_from_errno(errno)));
    }
    disable_ipv6();
    return "";
}

// The child: says a word when its namespace is there, waits for its interface, and serves.
[[noreturn]] void be_server(unsigned core, const veth_server& serve, int hear, int tell,
                            pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto problem = ::getppid() == parent ? enter_namespace() : "its parent is gone";
    if (problem.empty() && !move_to_core(core)) {
        problem = fmt::format("can't run on core {}", core);
    }
    say(tell, problem.empty() ? ready_word : problem);
    if (problem.empty() && read_word(hear) == ready_word) {
        if (const auto done = run_script(script_of(end::server)); !done) {
            problem = done.error();
        } else {
            problem = serve([tell] { say(tell, ready_word); });
        }
        say(tell, problem);
    }
    ::_exit(1);
}

outcome<void> connect(pid_t peer, int hear, int tell) {
    if (const auto word = read_word(hear); word != ready_word) {
        return std::unexpected{word.empty() ? std::string{"the server's process ended"} : word};
    }
    const auto add = fmt::format(
        "ip link add name {0} address 02:00:00:00:00:01 type veth peer name {0} address "
        "02:00:00:00:00:02 netns {1}; {2}",
        veth_name, peer, script_of(end::client));
    if (auto done = run_script(add); !done) {
        return done;
    }
    say(tell, ready_word);
    if (const auto word = read_word(hear); word != ready_word) {
        return std::unexpected{word.empty() ? std::string{"the server's process ended"} : word};
    }
    return {};
}

}  // namespace

outcome<veth_peer> veth_peer::start(unsigned core, const veth_server& serve) {
    if (find_program("ip").empty()) {
        return std::unexpected{std::string{"needs the program ip (apt-get install iproute2)"}};
    }
    if (auto problem = enter_namespace(); !problem.empty()) {
        return std::unexpected{std::move(problem)};
    }
    std::array<int, 2> down{};
    std::array<int, 2> up{};
    if (::pipe2(down.data(), O_CLOEXEC) != 0 || ::pipe2(up.data(), O_CLOEXEC) != 0) {
        return std::unexpected{std::string{"no pipe: too many descriptors are open"}};
    }
    const unique_fd hear_there{down[0]};
    const unique_fd tell_here{down[1]};
    const unique_fd hear_here{up[0]};
    unique_fd tell_there{up[1]};
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child == 0) {
        be_server(core, serve, hear_there.get(), tell_there.get(), parent);
    }
    if (child < 0) {
        return std::unexpected{std::string{"can't start a process: there are too many"}};
    }
    tell_there.reset();
    veth_peer made{child};
    if (auto done = connect(child, hear_here.get(), tell_here.get()); !done) {
        return std::unexpected{std::move(done.error())};
    }
    return made;
}

veth_peer::veth_peer(veth_peer&& other) noexcept : id_{std::exchange(other.id_, -1)} {}

veth_peer::~veth_peer() {
    if (id_ > 0) {
        ::kill(id_, SIGKILL);
        while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

}  // namespace ringway::lab
