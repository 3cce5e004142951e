// Captures of what passes the relay, for Wireshark: the pcapng format.
#pragma once

#include <cstdint>
#include <cstdio>
#include <expected>
#include <memory>
#include <string>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>

namespace ringway::lab {

/// Writes a section with two interfaces of raw IP, "client" (0) and "server" (1), and times in
/// nanoseconds. A packet is written where it enters and where it leaves the relay; what was lost is
/// seen at one interface only. (draft-ietf-opsawg-pcapng; link type 101, LINKTYPE_RAW.)
class pcapng_writer {
public:
    /// Creates or replaces the file. Fails with the errno.
    [[nodiscard]] static result<pcapng_writer> create(const std::string& path);

    /// `unix_time` in nanoseconds. `inbound`: it came out of the interface's host into the relay.
    /// What can't be written is lost: `close` tells.
    void write(unsigned interface_index, std::uint64_t unix_time, bool inbound, byte_view bytes);

    /// Writes what is buffered and closes the file. Fails with `system` if anything was lost.
    [[nodiscard]] result<void> close();

private:
    struct closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace ringway::lab
