// The file of flow records.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <ringway/base/result.hpp>

#include "cli/line_log.hpp"
#include "monitor/model.hpp"

namespace ringway::cli {

/// Appends records to a file. What can't be written is counted, never waited for twice.
class flow_log {
public:
    /// Opens `path` for appending; "-" is standard output. Fails with the errno of open(2).
    [[nodiscard]] static result<flow_log> open(const std::string& path);

    void write(const monitor::flow_record& flow);
    /// Hands what was written to the kernel.
    void flush() { lines_.flush(); }

    [[nodiscard]] std::uint64_t lost() const noexcept { return lines_.lost(); }

private:
    explicit flow_log(line_log lines) noexcept : lines_{std::move(lines)} {}

    line_log lines_;
};

}  // namespace ringway::cli
