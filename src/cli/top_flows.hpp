// The file of flow records.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <ringway/base/result.hpp>

#include "monitor/model.hpp"

namespace ringway::cli {

/// Appends records to a file. What can't be written is counted, never waited for twice.
class flow_log {
public:
    /// Opens `path` for appending; "-" is standard output. Fails with the errno of open(2).
    [[nodiscard]] static result<flow_log> open(const std::string& path);

    void write(const monitor::flow_record& flow);
    /// Hands what was written to the kernel.
    void flush();

    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    struct closer {
        void operator()(std::FILE* file) const noexcept;
    };
    explicit flow_log(std::FILE* file) noexcept : file_{file} {}

    std::unique_ptr<std::FILE, closer> file_;
    std::uint64_t unflushed_ = 0;
    std::uint64_t lost_ = 0;
};

}  // namespace ringway::cli
