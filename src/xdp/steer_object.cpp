#include "xdp/steer_object.hpp"

#include <memory>

#include "xdp_steer.skel.h"
#include "xdp_steer_hints.skel.h"

namespace ringway::xdp {
namespace {

template <class Skeleton>
class object_of final : public steer_object {
public:
    explicit object_of(Skeleton* opened) noexcept : skeleton_{opened} {
        object = opened->obj;
        sockets = opened->maps.sockets;
        counts = opened->maps.counts;
        copies = opened->maps.copies;
        received = opened->progs.xdp_steer;
        sent = opened->progs.steer_sent;
        config = &opened->rodata->config;
    }
    ~object_of() override { Skeleton::destroy(skeleton_); }

    [[nodiscard]] int load() noexcept override { return Skeleton::load(skeleton_); }

private:
    Skeleton* skeleton_;
};

template <class Skeleton>
std::unique_ptr<steer_object> open_as() {
    Skeleton* const opened = Skeleton::open(nullptr);
    return opened == nullptr ? nullptr : std::make_unique<object_of<Skeleton>>(opened);
}

}  // namespace

std::unique_ptr<steer_object> steer_object::open(bool asks_card) {
    return asks_card ? open_as<xdp_steer_hints_bpf>() : open_as<xdp_steer_bpf>();
}

}  // namespace ringway::xdp
