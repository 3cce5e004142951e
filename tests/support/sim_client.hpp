// A client on a simulated kernel: sends what it is told in the pieces it is told, and checks every
// byte that comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/coro/event.hpp>
#include <ringway/coro/scope.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/simulated_driver.hpp>

#include "support/sim_exchange.hpp"
#include "support/sim_response.hpp"

namespace ringway::test {

/// How a client ends its connection, unless the server does it first.
enum class sim_ending : std::uint8_t {
    half_close_early,  ///< Says that it has nothing more to send right behind the last request.
    half_close_late,   ///< Says so after the last response.
    close,             ///< Closes after the last response.
    wait,              ///< Leaves it to the server.
    leave_early,       ///< Closes in the middle of something.
    reset,             ///< The connection breaks in the middle of something.
};

struct sim_client_plan {
    std::vector<sim_exchange> exchanges;
    std::string behind;     ///< Sent behind the last request: must not be answered.
    bool pipelined = true;  ///< Sends without waiting for responses.
    sim_ending ending = sim_ending::half_close_late;
    std::uint64_t seed = 1;
    nanoseconds start{0};       ///< Waits so long before it connects.
    std::size_t piece_max = 0;  ///< Sends at most so much at a time; 0: no limit.
    nanoseconds pause_max{0};   ///< Between two pieces.
    std::size_t read_max = 16 * 1024;
    nanoseconds read_pause{0};  ///< Between two reads.
    nanoseconds between{0};     ///< Between a response and the next request, if not pipelined.
    /// Sends on, a byte at a time, after the server has said its last; 0: does not.
    nanoseconds talks_on_every{0};
    bool allows_trouble = false;  ///< The kernel lets file operations fail: 500 and 503 are right.
    bool allows_close = false;    ///< The server may end the connection after any response.
};

struct sim_client_result {
    bool connected = false;
    bool reached_end = false;  ///< The server ended the connection in order.
    bool sent_all = false;
    bool cut_off = false;              ///< A response has begun and not ended.
    bool said_close = false;           ///< The last response announced the end.
    bool timed_out = false;            ///< The last response was 408.
    std::size_t answered = 0;          ///< Complete right responses.
    std::vector<std::size_t> lengths;  ///< Of the bodies of these.
    std::string problem;               ///< What was wrong; "" if nothing.
    nanoseconds began{0};
    nanoseconds last_byte{0};  ///< When the last byte came.
    nanoseconds ended{0};
};

class sim_client {
public:
    /// Lifetime: all outlive the client.
    sim_client(simulated_driver& io, std::uint16_t port, const sim_client_plan& plan,
               sim_client_result& out)
        : io_{io}, port_{port}, plan_{plan}, out_{out}, random_{plan.seed} {}

    [[nodiscard]] task<void> run();

private:
    [[nodiscard]] task<bool> connect();
    [[nodiscard]] task<void> send_requests();
    [[nodiscard]] task<bool> send_text(std::string_view text);
    [[nodiscard]] task<bool> send_piece(std::string_view piece);
    [[nodiscard]] task<void> end_connection();
    [[nodiscard]] task<void> talk_on();
    [[nodiscard]] task<void> wait_for_answers(std::size_t count);
    [[nodiscard]] task<void> receive();
    void take(std::string_view bytes);
    void take_head();
    void take_response();
    void complain(const std::string& what);
    [[nodiscard]] std::string name_of_current() const;
    [[nodiscard]] bool is_over() const noexcept { return over_ || leaving_.stop_requested(); }

    simulated_driver& io_;
    std::uint16_t port_;
    const sim_client_plan& plan_;
    sim_client_result& out_;
    ringway::detail::simulated_random random_;
    sim_response_reader reader_;
    event news_;
    stop_source leaving_;
    int fd_ = -1;
    std::size_t may_send_ = ~std::size_t{0};  // Until it leaves early.
    bool over_ = false;
};

}  // namespace ringway::test
