// Counts dropped packets by reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "monitor/kernel_symbols.hpp"
#include "monitor/kernel_types.hpp"
#include "monitor/model.hpp"
#include "monitor/watch.hpp"

struct drop_watch_bpf;

namespace ringway::monitor {

class drop_watch {
public:
    /// Loads the programs and begins to count. They go away with this, or with the process.
    [[nodiscard]] static bpf::outcome<drop_watch> start(const kernel_types& types,
                                                        const watch_options& options);

    /// Fills what was dropped, with names. Blocks for milliseconds when there are new places in the
    /// code of the kernel.
    void collect(snapshot& into, const kernel_types& types, kernel_symbols& symbols);

    [[nodiscard]] std::vector<std::uint32_t> program_ids() const;

private:
    struct release {
        void operator()(drop_watch_bpf* what) const noexcept;
    };
    drop_watch() = default;

    std::unique_ptr<drop_watch_bpf, release> programs_;
    std::size_t room_ = 0;
};

}  // namespace ringway::monitor
