#include "cli/bench_tables.hpp"

#include <algorithm>
#include <array>

namespace ringway::cli {
namespace {

constexpr std::array<bench_table, 1> tables{{
    {"quic", "QUIC and TCP over the same impaired path", lab::quic_experiments},
}};

}  // namespace

std::span<const bench_table> bench_tables() { return tables; }

const bench_table* find_bench_table(std::string_view name) {
    const auto found = std::ranges::find(tables, name, &bench_table::name);
    return found == tables.end() ? nullptr : found;
}

}  // namespace ringway::cli
