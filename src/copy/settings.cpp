#include <ringway/copy/settings.hpp>

#include <algorithm>
#include <array>
#include <linux/magic.h>

namespace ringway {
namespace {

constexpr std::array all_methods = {
    copy_method::automatic, copy_method::reflink, copy_method::copy_file_range,
    copy_method::sendfile,  copy_method::splice,  copy_method::read_write,
    copy_method::mapped,    copy_method::ring,    copy_method::ring_direct};

// File systems whose server can copy by itself, so that the bytes need not come here and go back.
constexpr std::array<std::uint64_t, 5> served_elsewhere = {
    NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC, CEPH_SUPER_MAGIC};

// Where reserving blocks is cheap and saves doing it page by page as they are written. A tmpfs
// would fill the pages with zeros first; btrfs and network file systems gain nothing.
constexpr std::array<std::uint64_t, 2> reserves_well = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC};

// Where asking for a reflink is known to be in vain.
constexpr std::array<std::uint64_t, 8> never_shares = {
    EXT4_SUPER_MAGIC,  TMPFS_MAGIC,       RAMFS_MAGIC,      F2FS_SUPER_MAGIC,
    MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC, PROC_SUPER_MAGIC, SYSFS_MAGIC};

bool is_among(std::span<const std::uint64_t> all, std::uint64_t one) noexcept {
    return std::ranges::find(all, one) != all.end();
}

bool wants_reflink(const copy_settings& settings, const copy_facts& facts) noexcept {
    if (settings.reflink == reflink_mode::never) {
        return false;
    }
    if (settings.reflink == reflink_mode::always || settings.method == copy_method::reflink) {
        return true;
    }
    return settings.method == copy_method::automatic && settings.sparse == sparse_mode::automatic &&
           facts.same_device && may_share_blocks(facts.file_system);
}

bool can_use_offsets(copy_method method) noexcept { return method != copy_method::sendfile; }

}  // namespace

std::string_view name_of(copy_method method) noexcept {
    switch (method) {
        case copy_method::automatic: return "auto";
        case copy_method::reflink: return "reflink";
        case copy_method::copy_file_range: return "copy_file_range";
        case copy_method::sendfile: return "sendfile";
        case copy_method::splice: return "splice";
        case copy_method::read_write: return "read_write";
        case copy_method::mapped: return "mmap";
        case copy_method::ring: return "ring";
        case copy_method::ring_direct: return "ring_direct";
    }
    return "unknown";
}

std::span<const copy_method> copy_methods() noexcept { return all_methods; }

bool may_share_blocks(std::uint64_t file_system) noexcept {
    return !is_among(never_shares, file_system);
}

copy_plan plan_copy(const copy_settings& settings, const copy_facts& facts) noexcept {
    copy_plan plan;
    plan.stream = !facts.is_regular || facts.size == 0;
    plan.try_reflink = !plan.stream && wants_reflink(settings, facts);
    if (settings.method == copy_method::automatic || settings.method == copy_method::reflink) {
        const bool remote = facts.same_device && is_among(served_elsewhere, facts.file_system);
        plan.method = remote && settings.sparse == sparse_mode::automatic
                          ? copy_method::copy_file_range
                          : copy_method::read_write;
    } else {
        plan.method = settings.method;
    }
    const bool large = facts.size >= large_file_bytes;
    plan.find_holes = settings.sparse != sparse_mode::never && facts.stored_bytes < facts.size;
    plan.preallocate = settings.preallocate && large && settings.sparse != sparse_mode::always &&
                       is_among(reserves_well, facts.file_system);
    // From a disk one lane is enough: the kernel reads ahead while it writes, further and in larger
    // pages than for lanes that jump.
    plan.lanes = large && facts.resident && can_use_offsets(plan.method) ? settings.lanes : 1;
    return plan;
}

}  // namespace ringway
