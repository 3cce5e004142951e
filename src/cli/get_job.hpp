// Fetching one URL: into a file, to standard output, or only its head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/coro/task.hpp>
#include <ringway/http/client.hpp>

#include "cli/get_migration.hpp"
#include "cli/get_options.hpp"
#include "cli/get_progress.hpp"
#include "cli/get_report.hpp"
#include "cli/get_state.hpp"
#include "cli/get_target.hpp"
#include "cli/rate_limit.hpp"

namespace ringway::cli {

/// What all downloads of one command share.
struct get_shared {
    const get_options& options;
    http::client& client;
    get_progress progress;
    rate_limit rate;
    bool out_of_time = false;  ///< The stop comes from --max-time.
};

inline constexpr std::string_view out_of_time_text = "--max-time has passed";

/// Why it went wrong, as far as that matters here.
struct get_trouble {
    get_exit status = get_exit::failed;
    std::string text;
    bool may_pass = false;      ///< Worth another try.
    unsigned wait_s = 0;        ///< Not before so many seconds (Retry-After).
    bool not_as_asked = false;  ///< The server does not do ranges as it should.
};

/// `run` once.
class get_job {
public:
    get_job(get_shared& shared, const wire::url& from);

    /// Yields how it went; has said so where that was wanted. Cancel: what has come is kept.
    [[nodiscard]] task<get_report> run();

    /// How far it has come by now, for who can't wait for the end of `run`.
    [[nodiscard]] get_report given_up(get_exit status, std::string_view why) const;

private:
    using outcome = std::optional<get_trouble>;

    // get_job.cpp
    [[nodiscard]] task<outcome> fetch_head();
    [[nodiscard]] task<outcome> fetch_to_output();
    [[nodiscard]] task<outcome> copy_to_output(http::client_response& from);
    [[nodiscard]] task<outcome> with_retries();
    [[nodiscard]] http::client_request request(std::string method) const;
    [[nodiscard]] get_trouble trouble_of(const http::client_failure& why) const;
    [[nodiscard]] outcome judge_status(const http::client_response& answer) const;
    void finish_report(const outcome& how);
    void note(const http::client_response& from);

    // get_file.cpp
    [[nodiscard]] task<outcome> fetch_file();
    [[nodiscard]] task<outcome> attempt_file();
    [[nodiscard]] task<outcome> fetch_with(http::client_response& answer);
    [[nodiscard]] task<outcome> fetch_ranges(http::client_response& answer, std::size_t first);
    [[nodiscard]] task<outcome> fetch_range(std::size_t index);
    [[nodiscard]] task<outcome> copy(http::client_response& from, std::size_t index);
    [[nodiscard]] outcome begin(const http::client_response& answer);
    [[nodiscard]] outcome judge_range(const http::client_response& answer) const;
    [[nodiscard]] outcome check_part(const http::client_response& answer, std::size_t index) const;
    [[nodiscard]] outcome split(const http::client_response& answer);
    [[nodiscard]] std::size_t first_open() const noexcept;
    [[nodiscard]] outcome complete();
    [[nodiscard]] http::client_request request_for(const get_range& part) const;
    void begin_state();
    void keep_part(const get_trouble& why);

    get_shared& shared_;
    const wire::url& from_;
    get_report report_;
    std::optional<get_target> target_;
    get_state state_;
    std::uint64_t pieces_;  // At most; 1 once the server has turned out not to do them.
    get_migration migration_;
    std::string hint_;      // What can be done about a failure.
    nanoseconds saved_{0};  // When the state was last written down.
};

}  // namespace ringway::cli
