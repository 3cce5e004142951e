// What a request costs in allocations once a server is warm: nothing, for what is asked most.
// A program of its own, because it counts by replacing operator new.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <new>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include <ringway/coro/event.hpp>
#include <ringway/files/file_handler.hpp>
#include <ringway/http/server.hpp>
#include <ringway/net/listener.hpp>
#include <ringway/observe/access_log.hpp>
#include <ringway/runtime/cluster.hpp>

#include "support/run_on_shard.hpp"
#include "support/sim_response.hpp"
#include "support/sockets.hpp"

namespace {

std::atomic<std::uint64_t> allocations{0};
thread_local bool counts = false;  // Only the server's thread does.

void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (counts) {
        allocations.fetch_add(1);
    }
    size = (size + alignment - 1) / alignment * alignment;
    void* const memory = std::aligned_alloc(alignment, size == 0 ? alignment : size);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace ringway::test {
namespace {

// A server of one shard on its own thread, with the driver that RINGWAY_DRIVER asks for.
class server_thread {
public:
    server_thread() {
        directory_.write("a-small-file-with-a-long-name.txt", std::string(1000, 's'));
        directory_.write("a-large-file-with-a-long-name.bin", std::string(1'000'000, 'l'));
        auto log = observe::access_log::open({.path = "/dev/null"});
        auto made = cluster::make({.shards = 1, .pin = false});
        RW_ASSERT(log.has_value() && made.has_value());
        log_ = *std::move(log);
        shards_ = *std::move(made);
        auto listener = open_listener(endpoint::loopback(0));
        RW_ASSERT(listener.has_value());
        port_ = port_of(listener->get());
        listener_ = listener->release();
        thread_ = std::thread{[this] {
            counts = true;
            const auto ran = shards_->run([this](shard&) { return serve(); });
            RW_ASSERT(ran.has_value());
        }};
    }
    server_thread(const server_thread&) = delete;
    server_thread& operator=(const server_thread&) = delete;
    ~server_thread() {
        end_.deliver = [](message& self) noexcept { static_cast<end_mail&>(self).end.set(); };
        shards_->at(0).post(end_);
        thread_.join();
    }

    [[nodiscard]] int port() const noexcept { return port_; }

private:
    struct end_mail : message {
        event end;
    };

    task<void> serve() {
        auto beneath = root::open(directory_.path());
        RW_ASSERT(beneath.has_value());
        const files::site_options site;
        const files::mime_table types;
        const http::session_limits limits;
        observe::http_metrics metrics;
        // A time to live that ends during the test: looking again allocates nothing either.
        files::file_handler handler{
            *beneath, site, types, {.time_to_live = std::chrono::milliseconds{1}}, metrics};
        http::session_context context{handler, limits,     transfer_method::automatic,
                                      metrics, log_.get(), 0};
        http::connection_gate gate{{}};
        http::server server{context, gate};
        scope accepting;
        accepting.spawn(server.accept_on(listener_, observe::transport::tcp));
        static_cast<void>(co_await end_.end.wait());
        accepting.request_stop();
        co_await accepting.join();
        co_await server.finish(std::chrono::seconds{1});
    }

    scratch_directory directory_;
    std::unique_ptr<observe::access_log> log_;
    std::unique_ptr<cluster> shards_;
    end_mail end_;
    int listener_ = -1;
    int port_ = 0;
    std::thread thread_;
};

constexpr std::string_view small = "/a-small-file-with-a-long-name.txt";
constexpr std::string_view large = "/a-large-file-with-a-long-name.bin";

unique_fd connect_to(int port) {
    unique_fd socket = tcp_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return socket;
}

// Sends `request`, waits for `responses` to it, and yields the last one's status.
int ask(int fd, std::string_view request, int responses = 1) {
    put(fd, request);
    static std::array<char, 64 * 1024> buffer;
    sim_response_reader reader;
    int status = 0;
    for (int answered = 0; answered < responses;) {
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            return 0;
        }
        std::string_view rest{buffer.data(), static_cast<std::size_t>(size)};
        while (!rest.empty()) {
            const auto before = reader.now();
            rest.remove_prefix(reader.feed(rest));
            if (before == sim_response_reader::phase::head) {
                reader.expect_body(true);
            }
            if (reader.now() == sim_response_reader::phase::malformed) {
                return -1;
            }
            if (reader.now() == sim_response_reader::phase::complete) {
                status = reader.current().status;
                reader.next();
                ++answered;
            }
        }
    }
    return status;
}

std::string get(std::string_view target, std::string_view fields = {}) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n" +
           std::string{fields} + "\r\n";
}

// Allocations of `count` rounds of `request` after `warm_up` others.
std::uint64_t cost(const server_thread& server, std::string_view request, int status, int count,
                   int responses = 1) {
    constexpr int warm_up = 100;
    const unique_fd socket = connect_to(server.port());
    for (int i = 0; i < warm_up; ++i) {
        EXPECT_EQ(ask(socket.get(), request, responses), status);
    }
    const std::uint64_t before = allocations.load();
    for (int i = 0; i < count; ++i) {
        const int got = ask(socket.get(), request, responses);
        if (got != status) {
            ADD_FAILURE() << "status " << got;
            break;
        }
    }
    return allocations.load() - before;
}

TEST(warm_request, a_small_file_costs_no_allocation) {
    const server_thread server;
    EXPECT_EQ(cost(server, get(small), 200, 10'000), 0U);
}

TEST(warm_request, pipelined_requests_cost_no_allocation) {
    const server_thread server;
    std::string batch;
    for (int i = 0; i < 8; ++i) {
        batch += get(small);
    }
    EXPECT_EQ(cost(server, batch, 200, 1000, 8), 0U);
}

// What goes the long way asks the handler, whose coroutines carry paths. Bounds, so that a change
// for the worse is noticed.
TEST(warm_request, the_long_way_costs_little) {
    const server_thread server;
    constexpr int count = 1000;
    const auto each = [&](std::string_view request, int status) {
        return static_cast<double>(cost(server, request, status, count)) / count;
    };
    const double whole = each(get(large), 200);
    const double part = each(get(small, "Range: bytes=10-19\r\n"), 206);
    const double parts = each(get(small, "Range: bytes=0-9, 500-509\r\n"), 206);
    const double unchanged = each(get(small, "If-None-Match: *\r\n"), 304);
    const double missing = each(get("/no-file-has-such-a-long-name.txt"), 404);
    std::printf(
        "allocations per request: large file %.2f, part %.2f, parts %.2f, 304 %.2f, "
        "404 %.2f\n",
        whole, part, parts, unchanged, missing);
    for (const double measured : {whole, part, parts, unchanged}) {
        EXPECT_LE(measured, 3.01);  // The path for each of three coroutines.
    }
    EXPECT_LE(missing, 5.01);  // tmpfs and others have to be asked again for what is not there.
}

}  // namespace
}  // namespace ringway::test
