// Where the shards find the certificates of the moment.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include <ringway/base/assert.hpp>
#include <ringway/tls/certificates.hpp>

namespace ringway::tls {

/// The set that new handshakes use. Replaced as a whole; whoever took the old one keeps it until
/// done. Any thread.
class certificate_holder {
public:
    /// The set of the moment: never null. The caller holds it for as long as it uses what is in it.
    /// Takes a lock for a few nanoseconds, once per handshake.
    [[nodiscard]] std::shared_ptr<const certificate_set> current() const noexcept {
        const std::lock_guard held{mutex_};
        RW_ASSERT(set_ != nullptr);
        return set_;
    }

    /// Makes `next`, not null, the set for the handshakes that begin from now on.
    void replace(std::shared_ptr<const certificate_set> next) noexcept {
        RW_ASSERT(next != nullptr);
        {
            const std::lock_guard held{mutex_};
            set_.swap(next);
        }  // The old one may die here, outside of the lock.
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const certificate_set> set_;
};

}  // namespace ringway::tls
