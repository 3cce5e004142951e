// The steering program as a BPF object: the plain one, or the one that asks the card.
#pragma once

#include <memory>

#include "../../bpf/xdp_steer.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;

namespace ringway::xdp {

/// Opened, and loaded when `load` is called; gone from the kernel with this, unless attached.
class steer_object {
public:
    /// Null when there is no memory; errno says so.
    [[nodiscard]] static std::unique_ptr<steer_object> open(bool asks_card);
    virtual ~steer_object() = default;
    steer_object(const steer_object&) = delete;
    steer_object& operator=(const steer_object&) = delete;

    /// 0, or a negative errno.
    [[nodiscard]] virtual int load() noexcept = 0;

    bpf_object* object = nullptr;
    bpf_map* sockets = nullptr;
    bpf_map* counts = nullptr;
    bpf_map* copies = nullptr;
    bpf_program* received = nullptr;
    bpf_program* sent = nullptr;
    steer_config* config = nullptr;  ///< To be written before `load`.

protected:
    steer_object() = default;
};

}  // namespace ringway::xdp
