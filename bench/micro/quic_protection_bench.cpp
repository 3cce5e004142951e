// What it costs to protect a QUIC packet of 1,452 bytes: payload and header, alone and in a batch.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "quic/packet_keys.hpp"
#include "quic/pending_packets.hpp"
#include "tls/aead.hpp"
#include "tls/block_cipher.hpp"
#include "tls/key_schedule.hpp"

namespace tls = ringway::tls;
namespace quic = ringway::quic::detail;
using tls::aead_backend;
using tls::cipher;

namespace {

constexpr std::size_t packet_bytes = 1452;
constexpr std::size_t header_bytes = 1 + 18 + 2;  // Flags, connection ID, packet number.
constexpr std::size_t number_at = 1 + 18;
constexpr std::size_t burst = 45;  // As many as the kernel takes in one call.

struct protection {
    protection(cipher with, aead_backend by) {
        const std::vector<std::byte> secret(tls::secret_bytes_of(with), std::byte{42});
        quic::derive_keys(keys, 1, with, secret);
        packets = tls::make_aead(with, keys.key_view(), by);
        headers = tls::make_block_cipher(with, keys.header_key_view(), by);
    }
    quic::packet_keys keys;
    std::unique_ptr<tls::aead> packets;
    std::unique_ptr<tls::block_cipher> headers;
};

// Packets that lie one behind the other, as those of one call do.
struct packets_of_a_burst {
    std::vector<std::byte> memory = std::vector<std::byte>(burst * packet_bytes, std::byte{7});

    [[nodiscard]] std::span<std::byte> at(std::size_t index) {
        return std::span{memory}.subspan(index * packet_bytes, packet_bytes);
    }
};

const std::uint8_t* sample_of(std::span<std::byte> packet) {
    return reinterpret_cast<const std::uint8_t*>(packet.data()) + number_at + 4;
}

bool lacks(benchmark::State& state, cipher which, aead_backend by) {
    if (!tls::has_backend(which, by)) {
        state.SkipWithError("not here");
        return true;
    }
    return false;
}

void count_packets(benchmark::State& state, std::size_t each) {
    const auto packets = state.iterations() * static_cast<std::int64_t>(each);
    state.SetItemsProcessed(packets);
    state.SetBytesProcessed(packets * static_cast<std::int64_t>(packet_bytes));
    state.counters["per_packet"] = benchmark::Counter(
        static_cast<double>(packets), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// Each packet as ngtcp2 would have it sealed at once.
void seal_each(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    protection with{which, by};
    packets_of_a_burst all;
    tls::aead::nonce nonce{};
    for (auto _ : state) {
        for (std::size_t i = 0; i < burst; ++i) {
            const auto packet = all.at(i);
            with.packets->seal_in_place(nonce, packet.first(header_bytes),
                                        packet.subspan(header_bytes));
            const std::uint8_t* const sample = sample_of(packet);
            tls::block_cipher::mask mask{};
            with.headers->masks({&sample, 1}, {&mask, 1});
            packet[0] ^= std::byte{mask[0]} & std::byte{0x1f};
            packet[number_at] ^= std::byte{mask[1]};
            packet[number_at + 1] ^= std::byte{mask[2]};
        }
        benchmark::ClobberMemory();
    }
    count_packets(state, burst);
}

void seal_batch(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    protection with{which, by};
    packets_of_a_burst all;
    quic::pending_packets pending;
    const tls::aead::nonce nonce{};
    for (auto _ : state) {
        for (std::size_t i = 0; i < burst; ++i) {
            const auto packet = all.at(i);
            pending.add(*with.packets, nonce, packet.first(header_bytes),
                        packet.subspan(header_bytes, packet_bytes - header_bytes - 16));
            benchmark::DoNotOptimize(pending.mask_last(*with.headers, sample_of(packet)));
        }
        benchmark::DoNotOptimize(pending.seal());
    }
    count_packets(state, burst);
}

// Mask and payload; not authentic, which costs the same.
void open_each(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    protection with{which, by};
    packets_of_a_burst all;
    std::vector<std::byte> into(packet_bytes);
    const tls::aead::nonce nonce{};
    for (auto _ : state) {
        for (std::size_t i = 0; i < burst; ++i) {
            const auto packet = all.at(i);
            const std::uint8_t* const sample = sample_of(packet);
            tls::block_cipher::mask mask{};
            with.headers->masks({&sample, 1}, {&mask, 1});
            benchmark::DoNotOptimize(mask);
            benchmark::DoNotOptimize(with.packets->open_to(
                nonce, packet.first(header_bytes), packet.subspan(header_bytes), into.data()));
        }
    }
    count_packets(state, burst);
}

void masks(benchmark::State& state, cipher which, aead_backend by) {
    if (lacks(state, which, by)) {
        return;
    }
    protection with{which, by};
    packets_of_a_burst all;
    const auto count = static_cast<std::size_t>(state.range(0));
    std::vector<const std::uint8_t*> samples;
    for (std::size_t i = 0; i < count; ++i) {
        samples.push_back(sample_of(all.at(i)));
    }
    std::vector<tls::block_cipher::mask> made(count);
    for (auto _ : state) {
        with.headers->masks(samples, made);
        benchmark::ClobberMemory();
    }
    count_packets(state, count);
}

#define RW_EACH(function)                                                                          \
    BENCHMARK_CAPTURE(function, aes_128_gnutls, cipher::aes_128_gcm, aead_backend::gnutls);        \
    BENCHMARK_CAPTURE(function, aes_128_ipsec, cipher::aes_128_gcm, aead_backend::ipsec_mb);       \
    BENCHMARK_CAPTURE(function, aes_256_gnutls, cipher::aes_256_gcm, aead_backend::gnutls);        \
    BENCHMARK_CAPTURE(function, aes_256_ipsec, cipher::aes_256_gcm, aead_backend::ipsec_mb);       \
    BENCHMARK_CAPTURE(function, chacha20_gnutls, cipher::chacha20_poly1305, aead_backend::gnutls); \
    BENCHMARK_CAPTURE(function, chacha20_ipsec, cipher::chacha20_poly1305, aead_backend::ipsec_mb)
RW_EACH(seal_each);
RW_EACH(seal_batch);
RW_EACH(open_each);
BENCHMARK_CAPTURE(masks, aes_128_gnutls, cipher::aes_128_gcm, aead_backend::gnutls)->Arg(1);
BENCHMARK_CAPTURE(masks, aes_128_aes_ni, cipher::aes_128_gcm, aead_backend::ipsec_mb)
    ->Arg(1)
    ->Arg(8)
    ->Arg(45);

}  // namespace

BENCHMARK_MAIN();
