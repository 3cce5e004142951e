#include "lab/experiment.hpp"

namespace ringway::lab {

outcome<report> measure_blocking(world& in, const experiment_settings& settings) {
    static_cast<void>(in);
    static_cast<void>(settings);
    return std::unexpected{std::string{"not yet"}};
}

}  // namespace ringway::lab
