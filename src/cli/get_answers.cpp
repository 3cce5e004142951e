// What an answer says of the file, and whether it is what was asked for.
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>

#include "cli/get_job.hpp"
#include "cli/human_text.hpp"

namespace ringway::cli {
namespace {

constexpr std::uint64_t piece_bytes_min = std::uint64_t{1} << 20U;

bool offers_ranges(const http::client_response& answer) {
    const auto* const value = answer.find("accept-ranges");
    return value != nullptr && *value == "bytes";
}

std::uint64_t length_of(const http::client_response& answer) {
    const auto* const text = answer.find("content-length");
    return text == nullptr ? get_state::unknown : std::strtoull(text->c_str(), nullptr, 10);
}

}  // namespace

// Whether it is the range that was asked for, or all of it where none was.
get_job::outcome get_job::judge_range(const http::client_response& answer) const {
    const auto wrong = [this](std::string_view what) {
        return get_trouble{get_exit::incomplete,
                           fmt::format("{}: the server {}", from_.text(), what)};
    };
    if (!shared_.options.range) {
        return answer.status() == 206 ? outcome{wrong("sends a part though all was asked for")}
                                      : std::nullopt;
    }
    if (answer.status() != 206) {
        return wrong("does not send ranges of it");
    }
    const auto* const field = answer.find("content-range");
    const auto part = field == nullptr ? std::nullopt : read_content_range(*field);
    const auto& wanted = *shared_.options.range;
    if (!part || (wanted.first && part->first != *wanted.first) ||
        (wanted.last && wanted.first && part->last > *wanted.last) ||
        (!wanted.first && part->last - part->first >= *wanted.last)) {
        return wrong("sends another range than was asked");
    }
    const auto length = length_of(answer);
    if (length != get_state::unknown && length != part->last - part->first + 1) {
        return wrong("sends a range that is not as long as it says");
    }
    return std::nullopt;
}

// The first answer: what it says of the file.
get_job::outcome get_job::begin(const http::client_response& answer) {
    if (auto bad = judge_range(answer)) {
        return bad;
    }
    if (answer.status() != 200 && answer.status() != 206) {
        return get_trouble{get_exit::failed, fmt::format("{}: an answer with status {} is no file",
                                                         from_.text(), answer.status())};
    }
    std::uint64_t total = length_of(answer);
    if (shared_.options.range) {
        const auto part = read_content_range(*answer.find("content-range"));
        total = part->last - part->first + 1;
    }
    const bool decoded = !answer.decoded_from().empty();
    if (decoded) {  // The length is that of another form, and half of it can't be gone on with.
        total = get_state::unknown;
    }
    state_.total = total;
    state_.validator = decoded ? std::string{} : strong_validator(answer.fields());
    state_.ranges = {{0, total, 0}};
    shared_.progress.expect(total == get_state::unknown ? get_progress::unknown : total);
    if (total != get_state::unknown && total > 0) {
        // A full disk is better known now than after an hour.
        if (::fallocate(target_->fd(), 0, 0, static_cast<off_t>(total)) != 0 &&
            (errno == ENOSPC || errno == EFBIG || errno == EDQUOT)) {
            return get_trouble{
                get_exit::not_written,
                fmt::format("{}; it takes {}", why_not_written(target_->part_path(), errno),
                            size_text(total))};
        }
    }
    return split(answer);
}

// Cuts the file in pieces where that was asked for and is possible, and says why where it is not.
get_job::outcome get_job::split(const http::client_response& answer) {
    if (pieces_ < 2) {
        return std::nullopt;
    }
    const char* why = nullptr;
    if (state_.total == get_state::unknown) {
        why = "its length is unknown";
    } else if (!offers_ranges(answer)) {
        why = "the server offers no ranges of it";
    } else if (state_.validator.empty()) {
        why = "the server says nothing to recognise this version by";
    } else if (state_.total < 2 * piece_bytes_min) {
        why = "it is too small for more";
    }
    if (why != nullptr) {
        if (!shared_.options.quiet) {
            shared_.progress.say(fmt::format("{}: in one piece, {}", target_->path(), why));
        }
        return std::nullopt;
    }
    state_.ranges = cut(0, state_.total, pieces_, piece_bytes_min);
    return std::nullopt;
}

// Whether an answer is the part that was asked for, of the same version.
get_job::outcome get_job::check_part(const http::client_response& answer, std::size_t index) const {
    const get_range& part = state_.ranges[index];
    const auto wrong = [this](std::string_view what) {
        return get_trouble{.status = get_exit::incomplete,
                           .text = fmt::format("{} {}", target_->path(), what),
                           .not_as_asked = true};
    };
    if (answer.status() == 200) {
        const auto now = strong_validator(answer.fields());
        return wrong(now == state_.validator ? "can't be had in parts from this server"
                                             : "has changed on the server");
    }
    const auto* const field = answer.find("content-range");
    const auto given = field == nullptr ? std::nullopt : read_content_range(*field);
    if (answer.status() != 206 || !given) {
        return wrong("comes without a word of which part it is");
    }
    if (given->first != part.done || given->last + 1 != part.end ||
        (given->total != get_state::unknown && given->total != state_.total)) {
        return wrong("comes in another part than was asked for");
    }
    const auto length = length_of(answer);
    if (length != get_state::unknown && length != given->last - given->first + 1) {
        return wrong("comes in a part that is not as long as it says");
    }
    // RFC 9110 section 15.3.7: a 206 has the ETag that a 200 would have.
    const auto* const tag = answer.find("etag");
    if (state_.validator.contains('"') && tag != nullptr && *tag != state_.validator) {
        return wrong("has changed on the server");
    }
    return std::nullopt;
}

}  // namespace ringway::cli
