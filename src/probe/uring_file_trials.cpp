// Trials of io_uring's operations on files: each is run once, and its result is looked at.
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/futex.h>
#include <memory>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/small_ring.hpp"
#include "probe/trial.hpp"
#include "probe/uring_outcome.hpp"

namespace ringway::probe {
namespace {

using argument = const std::string&;

outcome opens(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    const int fd = ring.run(
        [&how](io_uring_sqe* entry) { ::io_uring_prep_openat2(entry, AT_FDCWD, "/", &how); });
    if (fd < 0) {
        return from_result(fd, 0);
    }
    return from_result(ring.run([fd](io_uring_sqe* e) { ::io_uring_prep_close(e, fd); }), 0);
}

outcome stats(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    struct statx status{};
    return from_result(ring.run([&status](io_uring_sqe* entry) {
        ::io_uring_prep_statx(entry, AT_FDCWD, "/", 0, STATX_BASIC_STATS, &status);
    }),
                       0);
}

outcome reads(argument) {
    small_ring ring;
    const unique_fd file = memory_file("abc");
    if (ring.error() != 0 || !file) {
        return no_ring();
    }
    std::array<char, 8> bytes{};
    return from_result(ring.run([&](io_uring_sqe* entry) {
        ::io_uring_prep_read(entry, file.get(), bytes.data(), bytes.size(), 0);
    }),
                       3);
}

outcome splices(argument) {
    small_ring ring;
    const unique_fd file = memory_file("abc");
    std::array<int, 2> ends{-1, -1};
    if (ring.error() != 0 || !file || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return no_ring();
    }
    const unique_fd from{ends[0]};
    const unique_fd to{ends[1]};
    return from_result(ring.run([&](io_uring_sqe* entry) {
        ::io_uring_prep_splice(entry, file.get(), 0, to.get(), -1, 3, 0);
    }),
                       3);
}

// Memory of its own: of a file, or of the program's, some kernels register none.
outcome registers_buffers(argument) {
    constexpr std::size_t page = 4096;
    small_ring ring;
    const unique_fd file = memory_file("abc");
    if (ring.error() != 0 || !file) {
        return no_ring();
    }
    void* const memory =
        ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return refused(errno);
    }
    const iovec piece{memory, page};
    const int done = ::io_uring_register_buffers(&ring.get(), &piece, 1);
    auto found = done == 0 ? from_result(ring.run([&](io_uring_sqe* entry) {
        ::io_uring_prep_read_fixed(entry, file.get(), memory, 3, 0, 0);
    }),
                                         3)
                           : refused(-done, done == -ENOMEM ? "ulimit -l 8192 # systemd: "
                                                              "LimitMEMLOCK=8M"
                                                            : "");
    ::munmap(memory, page);
    return found;
}

outcome registers_files(argument) {
    small_ring ring;
    const unique_fd file = memory_file("abc");
    if (ring.error() != 0 || !file) {
        return no_ring();
    }
    if (const int done = ::io_uring_register_files_sparse(&ring.get(), 4); done != 0) {
        return refused(-done);
    }
    const int fd = file.get();
    if (const int done = ::io_uring_register_files_update(&ring.get(), 2, &fd, 1); done != 1) {
        return refused(-done);
    }
    std::array<char, 8> bytes{};
    return from_result(ring.run([&bytes](io_uring_sqe* entry) {
        ::io_uring_prep_read(entry, 2, bytes.data(), bytes.size(), 0);
        entry->flags |= IOSQE_FIXED_FILE;
    }),
                       3);
}

outcome truncates(argument) {
    small_ring ring;
    const unique_fd file = memory_file("abc");
    if (ring.error() != 0 || !file) {
        return no_ring();
    }
    return from_result(
        ring.run([&file](io_uring_sqe* e) { ::io_uring_prep_ftruncate(e, file.get(), 1); }), 0);
}

outcome wakes_futexes(argument) {
    small_ring ring;
    if (ring.error() != 0) {
        return no_ring();
    }
    std::uint32_t word = 0;
    return from_result(ring.run([&word](io_uring_sqe* entry) {
        constexpr unsigned size_u32 = 2;  // FUTEX2_SIZE_U32
        ::io_uring_prep_futex_wake(entry, &word, 1, FUTEX_BITSET_MATCH_ANY, size_u32, 0);
    }),
                       0);
}

// A file without a name in the current directory: nothing is left of it.
outcome polls_devices(argument) {
    small_ring ring{IORING_SETUP_IOPOLL};
    if (ring.error() != 0) {
        return small_ring{}.error() != 0 ? no_ring() : refused(ring.error());
    }
    constexpr std::size_t block = 4096;
    const std::unique_ptr<void, void (*)(void*)> memory{std::aligned_alloc(block, block),
                                                        &std::free};
    const unique_fd file{::open(".", O_TMPFILE | O_RDWR | O_DIRECT | O_CLOEXEC, 0600)};
    if (!file || memory == nullptr) {
        return found_nothing("no file for direct reads here: " + error_text(errno),
                             "run it in the directory that is to be served, if it is writable");
    }
    std::memset(memory.get(), 0, block);
    if (::pwrite(file.get(), memory.get(), block, 0) != static_cast<ssize_t>(block)) {
        return found_nothing("no direct writes here: " + error_text(errno));
    }
    return from_result(ring.run([&](io_uring_sqe* entry) {
        ::io_uring_prep_read(entry, file.get(), memory.get(), block, 0);
    }),
                       static_cast<int>(block));
}

constexpr auto about = topic::io_uring;
constexpr std::string_view newer = fix_by_kernel;

}  // namespace

std::vector<trial> uring_file_trials() {
    return {
        {"io_uring.openat2", about, "OPENAT2, CLOSE", "5.6", "opening / by a ring",
         "Files are opened beneath the root without leaving the ring", newer, true, opens},
        {"io_uring.statx", about, "STATX", "5.6", "a look at / by a ring",
         "Attributes of files, by a kernel thread", newer, false, stats},
        {"io_uring.read", about, "READ", "5.6", "reading a memory file", "Files", newer, true,
         reads},
        {"io_uring.splice", about, "SPLICE", "5.7", "from a memory file to a pipe",
         "Moves pages, but always by a kernel thread: sendfile(2) is faster for files", newer,
         false, splices},
        {"io_uring.registered_buffers", about, "registered buffers", "5.1",
         "READ_FIXED from a memory file", "Direct I/O does not pin its pages each time", newer,
         false, registers_buffers},
        {"io_uring.registered_files", about, "registered files", "5.19",
         "READ of a file by its number", "Saves looking descriptors up", newer, false,
         registers_files},
        {"io_uring.ftruncate", about, "FTRUNCATE", "6.9", "cutting a memory file",
         "Copies end at the right length without a thread", newer, false, truncates},
        {"io_uring.futex", about, "FUTEX_WAKE", "6.7", "waking nobody", "Locks and I/O in one wait",
         newer, false, wakes_futexes},
        {"io_uring.iopoll", about, "IOPOLL here", "5.1", "a polled direct read in this directory",
         "Reads complete without interrupts, where the device has queues for it",
         "NVMe: add nvme.poll_queues=2 to the kernel's command line", false, polls_devices},
    };
}

}  // namespace ringway::probe
