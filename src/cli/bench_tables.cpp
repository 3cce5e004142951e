#include "cli/bench_tables.hpp"

#include <algorithm>
#include <array>

#include "lab/bench_groups.hpp"

namespace ringway::cli {
namespace {

constexpr auto tables = std::to_array<bench_table>({
    {.name = "net",
     .summary = "servers of one protocol, each written in another way",
     .measured = lab::net_experiments},
    {.name = "files",
     .summary = "reading files in every way, and fio",
     .measured = lab::files_experiments},
    {.name = "latency",
     .summary = "the same servers at a constant rate, and lookups in a file over a socket",
     .measured = lab::latency_experiments},
    {.name = "serve",
     .summary = "ringway serve and other servers of files",
     .measured = lab::serve_experiments},
    {.name = "cores",
     .summary = "how the rate grows with shards",
     .measured = lab::cores_experiments},
    {.name = "copy",
     .summary = "copying files in every way, and cp, dd and rsync",
     .measured = lab::copy_experiments},
    {.name = "quic",
     .summary = "QUIC and TCP over the same impaired path",
     .experiments = lab::quic_experiments},
});

}  // namespace

std::vector<bench_table::entry> bench_table::entries() const {
    std::vector<entry> all;
    if (experiments != nullptr) {
        for (const auto& one : experiments()) {
            all.push_back({one.name, one.summary});
        }
    }
    if (measured != nullptr) {
        for (const auto& one : measured()) {
            all.push_back({one.name, one.summary});
        }
    }
    return all;
}

std::span<const bench_table> bench_tables() { return tables; }

const bench_table* find_bench_table(std::string_view name) {
    const auto found = std::ranges::find(tables, name, &bench_table::name);
    return found == tables.end() ? nullptr : found;
}

}  // namespace ringway::cli
