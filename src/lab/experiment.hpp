// The experiments of `ringway bench quic`: a name, a claim, and what finds out whether it holds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lab/report.hpp"
#include "lab/world.hpp"

namespace ringway::lab {

struct experiment_settings {
    std::uint64_t seed = 1;
    bool quick = false;       ///< A tenth of the samples, or less: to see that it works.
    std::size_t samples = 0;  ///< Of experiments that repeat one thing; 0: what each needs.
    void (*progress)(std::string_view line) = nullptr;  ///< Told what is being done; may be null.

    void tell(std::string_view line) const {
        if (progress != nullptr) {
            progress(line);
        }
    }
    [[nodiscard]] std::size_t samples_or(std::size_t usual, std::size_t usual_quick) const {
        return samples > 0 ? samples : quick ? usual_quick : usual;
    }
};

struct experiment {
    std::string_view name;
    std::string_view summary;
    /// Fails with a line for people when nothing could be measured; what is worth telling of single
    /// failures is in the report.
    outcome<report> (*run)(world& in, const experiment_settings& settings);
};

/// In the order in which they run.
[[nodiscard]] std::span<const experiment> quic_experiments();

outcome<report> measure_handshakes(world& in, const experiment_settings& settings);
outcome<report> measure_replay(world& in, const experiment_settings& settings);
outcome<report> measure_rebinding(world& in, const experiment_settings& settings);
outcome<report> measure_migration(world& in, const experiment_settings& settings);
outcome<report> measure_blocking(world& in, const experiment_settings& settings);
outcome<report> measure_goodput(world& in, const experiment_settings& settings);
outcome<report> measure_fairness(world& in, const experiment_settings& settings);
outcome<report> measure_amplification(world& in, const experiment_settings& settings);
outcome<report> measure_relay(world& in, const experiment_settings& settings);

}  // namespace ringway::lab
