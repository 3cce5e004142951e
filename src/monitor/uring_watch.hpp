// Counts operations of io_uring, and times some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "monitor/container_name.hpp"
#include "monitor/kernel_types.hpp"
#include "monitor/model.hpp"
#include "monitor/watch.hpp"

struct uring_watch_bpf;

namespace ringway::monitor {

class uring_watch {
public:
    /// Loads the programs and begins to count. They go away with this, or with the process.
    [[nodiscard]] static bpf::outcome<uring_watch> start(const kernel_types& types,
                                                         const watch_options& options);

    /// Fills the operations and who submits them.
    void collect(snapshot& into, container_names& containers) const;

    [[nodiscard]] std::vector<std::uint32_t> program_ids() const;

private:
    struct release {
        void operator()(uring_watch_bpf* what) const noexcept;
    };
    uring_watch() = default;

    std::unique_ptr<uring_watch_bpf, release> programs_;
    std::vector<std::string> names_;  // Of the operations, by number.
    std::size_t users_room_ = 0;
};

}  // namespace ringway::monitor
