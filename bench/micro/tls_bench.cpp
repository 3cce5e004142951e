// What TLS costs per byte: sealing and opening records by each backend, and the record writer.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "tls/aead.hpp"
#include "tls/key_schedule.hpp"
#include "tls/record_keys.hpp"
#include "tls/record_reader.hpp"
#include "tls/record_writer.hpp"

namespace tls = ringway::tls;
using tls::aead_backend;
using tls::cipher;

namespace {

tls::record_keys keys(cipher which, aead_backend by) {
    const std::vector<std::byte> bytes(tls::secret_bytes_of(which), std::byte{42});
    return {which, tls::secret{bytes}, 0, by};
}

void count_bytes(benchmark::State& state, std::size_t each) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(each));
}

bool lacks(benchmark::State& state, cipher which, aead_backend by) {
    if (!tls::has_backend(which, by)) {
        state.SkipWithError("not here");
        return true;
    }
    return false;
}

// One record, from plaintext elsewhere.
void seal(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    const auto size = static_cast<std::size_t>(state.range(0));
    tls::record_keys with = keys(which, by);
    const std::vector<std::byte> plain(size, std::byte{7});
    std::vector<std::byte> record(size + tls::record_overhead);
    const auto header = tls::header_for(record.size());
    for (auto _ : state) {
        with.sealer().seal(with.next_nonce(), header, {record.data(), 0, plain, std::byte{23}});
        benchmark::ClobberMemory();
    }
    count_bytes(state, size);
}

void open(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    const auto size = static_cast<std::size_t>(state.range(0));
    tls::record_keys with = keys(which, by);
    std::vector<std::byte> record(size + tls::record_overhead);
    const auto header = tls::header_for(record.size());
    for (auto _ : state) {  // Not authentic, which costs the same.
        benchmark::DoNotOptimize(with.sealer().open(with.next_nonce(), header, record));
    }
    count_bytes(state, size);
}

// A response of `size` bytes behind a head of 200, through the writer as a session uses it.
void write(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    const auto size = static_cast<std::size_t>(state.range(0));
    tls::record_writer writer{keys(which, by)};
    const std::vector<std::byte> head(200, std::byte{1});
    const std::vector<std::byte> body(size, std::byte{2});
    for (auto _ : state) {
        writer.begin(std::chrono::seconds{0});
        writer.put(head);
        writer.put(body);
        benchmark::DoNotOptimize(writer.finish().data());
        writer.release();
    }
    count_bytes(state, size);
}

#define RW_EACH(function)                                                                         \
    BENCHMARK_CAPTURE(function, aes_128_gnutls, cipher::aes_128_gcm, aead_backend::gnutls)        \
        ->Arg(4096)                                                                               \
        ->Arg(16384);                                                                             \
    BENCHMARK_CAPTURE(function, aes_128_ipsec, cipher::aes_128_gcm, aead_backend::ipsec_mb)       \
        ->Arg(4096)                                                                               \
        ->Arg(16384);                                                                             \
    BENCHMARK_CAPTURE(function, aes_256_ipsec, cipher::aes_256_gcm, aead_backend::ipsec_mb)       \
        ->Arg(16384);                                                                             \
    BENCHMARK_CAPTURE(function, chacha20_gnutls, cipher::chacha20_poly1305, aead_backend::gnutls) \
        ->Arg(16384)
RW_EACH(seal);
RW_EACH(open);
RW_EACH(write);
BENCHMARK_CAPTURE(write, aes_128_gnutls_64k, cipher::aes_128_gcm, aead_backend::gnutls)->Arg(65000);
BENCHMARK_CAPTURE(write, aes_128_ipsec_64k, cipher::aes_128_gcm, aead_backend::ipsec_mb)
    ->Arg(65000);

// What a key update costs, which a peer may ask for.
void update_keys(benchmark::State& state) {
    tls::record_keys with = keys(cipher::aes_128_gcm, aead_backend::automatic);
    for (auto _ : state) {
        with.update();
    }
}
BENCHMARK(update_keys);

}  // namespace

BENCHMARK_MAIN();
