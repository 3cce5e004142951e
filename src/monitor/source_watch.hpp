// Counts received packets by where they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "monitor/kernel_types.hpp"
#include "monitor/model.hpp"
#include "monitor/watch.hpp"

struct source_watch_bpf;

namespace ringway::monitor {

class source_watch {
public:
    /// Loads the programs and begins to count. They go away with this, or with the process.
    [[nodiscard]] static bpf::outcome<source_watch> start(const kernel_types& types,
                                                          const watch_options& options);

    /// Fills the sources.
    void collect(snapshot& into) const;

    [[nodiscard]] std::vector<std::uint32_t> program_ids() const;

private:
    struct release {
        void operator()(source_watch_bpf* what) const noexcept;
    };
    source_watch() = default;

    std::unique_ptr<source_watch_bpf, release> programs_;
    std::size_t room_ = 0;
};

}  // namespace ringway::monitor
