#include "ring/uring_prepare.hpp"

#include <cstddef>
#include <sys/socket.h>

#include <ringway/base/assert.hpp>

#include "ring/uring_buffers.hpp"

namespace ringway {
namespace {

void prepare_receive(io_uring_sqe& sqe, const operation& op, const uring_features& features) {
    if (!op.select_buffer) {
        io_uring_prep_recv(&sqe, op.fd, op.address, op.length, static_cast<int>(op.flags));
        return;
    }
    if (op.multishot && features.multishot_receive) {
        io_uring_prep_recv_multishot(&sqe, op.fd, nullptr, 0, 0);
    } else {
        io_uring_prep_recv(&sqe, op.fd, nullptr, 0, 0);
    }
    sqe.flags |= IOSQE_BUFFER_SELECT;
    sqe.buf_group = uring_buffer_pool::group;
    // Not IORING_RECVSEND_POLL_FIRST: Linux 6.18 then never reports the end of a Unix stream whose
    // peer had sent and closed before.
}

void prepare_accept(io_uring_sqe& sqe, const operation& op, const uring_features& features) {
    if (op.multishot && features.multishot_accept) {
        io_uring_prep_multishot_accept(&sqe, op.fd, nullptr, nullptr, SOCK_CLOEXEC);
    } else {
        io_uring_prep_accept(&sqe, op.fd, nullptr, nullptr, SOCK_CLOEXEC);
    }
}

void prepare_read_write(io_uring_sqe& sqe, const operation& op) {
    const bool fixed_file = op.file_slot != operation::no_slot;
    const int fd = fixed_file ? op.file_slot : op.fd;
    const bool fixed_buffer = op.buffer_slot != operation::no_slot;
    if (op.kind == op_kind::read) {
        fixed_buffer
            ? io_uring_prep_read_fixed(&sqe, fd, op.address, op.length, op.offset, op.buffer_slot)
            : io_uring_prep_read(&sqe, fd, op.address, op.length, op.offset);
    } else {
        fixed_buffer
            ? io_uring_prep_write_fixed(&sqe, fd, op.address, op.length, op.offset, op.buffer_slot)
            : io_uring_prep_write(&sqe, fd, op.address, op.length, op.offset);
    }
    if (fixed_file) {
        sqe.flags |= IOSQE_FIXED_FILE;
    }
}

void prepare_zero_copy(io_uring_sqe& sqe, const operation& op) {
    const int flags = static_cast<int>(op.flags) | MSG_WAITALL | MSG_NOSIGNAL;
    if (op.buffer_slot != operation::no_slot) {
        io_uring_prep_send_zc_fixed(&sqe, op.fd, op.address, op.length, flags,
                                    IORING_SEND_ZC_REPORT_USAGE, op.buffer_slot);
    } else {
        io_uring_prep_send_zc(&sqe, op.fd, op.address, op.length, flags,
                              IORING_SEND_ZC_REPORT_USAGE);
    }
}

void prepare_zero_copy_message(io_uring_sqe& sqe, const operation& op) {
    io_uring_prep_sendmsg_zc(&sqe, op.fd, static_cast<const msghdr*>(op.address),
                             op.flags | MSG_WAITALL | MSG_NOSIGNAL);
    sqe.ioprio |= IORING_SEND_ZC_REPORT_USAGE;
    if (op.buffer_slot != operation::no_slot) {
        sqe.ioprio |= IORING_RECVSEND_FIXED_BUF;
        sqe.buf_index = op.buffer_slot;
    }
}

// What changes directories, and the size of files. The kernel does all of it on its own threads.
void prepare_change(io_uring_sqe& sqe, const operation& op) {
    const auto* const path = static_cast<const char*>(op.address);
    const auto* const other_path = static_cast<const char*>(op.extra);
    switch (op.kind) {
        case op_kind::fallocate:
            io_uring_prep_fallocate(&sqe, op.fd, static_cast<int>(op.flags), op.offset, op.size);
            return;
        case op_kind::ftruncate:
            io_uring_prep_ftruncate(&sqe, op.fd, static_cast<loff_t>(op.size));
            return;
        case op_kind::fadvise:
            io_uring_prep_fadvise(&sqe, op.fd, op.offset, op.length, static_cast<int>(op.flags));
            return;
        case op_kind::rename:
            io_uring_prep_renameat(&sqe, op.fd, path, op.other_fd, other_path, op.flags);
            return;
        case op_kind::link:
            io_uring_prep_linkat(&sqe, op.fd, path, op.other_fd, other_path,
                                 static_cast<int>(op.flags));
            return;
        case op_kind::unlink:
            io_uring_prep_unlinkat(&sqe, op.fd, path, static_cast<int>(op.flags));
            return;
        case op_kind::mkdir: io_uring_prep_mkdirat(&sqe, op.fd, path, op.flags); return;
        default: RW_ASSERT(false);
    }
}

void prepare_transfer(io_uring_sqe& sqe, const operation& op) {
    switch (op.kind) {
        case op_kind::send:
            if (op.piecewise) {
                io_uring_prep_send(
                    &sqe, op.fd, static_cast<std::byte*>(op.address) + op.driver_done,
                    op.length - op.driver_done, static_cast<int>(op.flags) | MSG_NOSIGNAL);
                return;
            }
            // MSG_WAITALL: the kernel retries short sends itself.
            io_uring_prep_send(&sqe, op.fd, op.address, op.length,
                               static_cast<int>(op.flags) | MSG_WAITALL | MSG_NOSIGNAL);
            return;
        case op_kind::send_zc: prepare_zero_copy(sqe, op); return;
        case op_kind::sendmsg_zc: prepare_zero_copy_message(sqe, op); return;
        case op_kind::sendmsg:
            io_uring_prep_sendmsg(&sqe, op.fd, static_cast<const msghdr*>(op.address),
                                  op.flags | MSG_WAITALL | MSG_NOSIGNAL);
            return;
        case op_kind::recvmsg:
            io_uring_prep_recvmsg(&sqe, op.fd, static_cast<msghdr*>(op.address), op.flags);
            return;
        case op_kind::read:
        case op_kind::write: prepare_read_write(sqe, op); return;
        case op_kind::splice:
            io_uring_prep_splice(&sqe, op.fd, static_cast<std::int64_t>(op.offset), op.other_fd,
                                 static_cast<std::int64_t>(op.other_offset), op.length, op.flags);
            return;
        default: prepare_change(sqe, op); return;
    }
}

}  // namespace

void prepare_entry(io_uring_sqe& sqe, const operation& op,
                   const uring_features& features) noexcept {
    switch (op.kind) {
        case op_kind::nop: io_uring_prep_nop(&sqe); return;
        case op_kind::accept: prepare_accept(sqe, op, features); return;
        case op_kind::recv: prepare_receive(sqe, op, features); return;
        case op_kind::connect:
            io_uring_prep_connect(&sqe, op.fd, static_cast<const sockaddr*>(op.address), op.length);
            return;
        case op_kind::poll:
            io_uring_prep_poll_add(&sqe, op.fd, op.flags);
            sqe.len = op.multishot ? IORING_POLL_ADD_MULTI : 0;  // Linux 5.13.
            return;
        case op_kind::fsync: io_uring_prep_fsync(&sqe, op.fd, op.flags); return;
        case op_kind::openat2:
            io_uring_prep_openat2(&sqe, op.fd, static_cast<const char*>(op.address),
                                  static_cast<open_how*>(op.extra));
            return;
        case op_kind::statx:
            io_uring_prep_statx(&sqe, op.fd, static_cast<const char*>(op.address),
                                static_cast<int>(op.flags), op.length,
                                static_cast<struct statx*>(op.extra));
            return;
        case op_kind::shutdown:
            io_uring_prep_shutdown(&sqe, op.fd, static_cast<int>(op.flags));
            return;
        case op_kind::close: io_uring_prep_close(&sqe, op.fd); return;
        default: prepare_transfer(sqe, op); return;
    }
}

}  // namespace ringway
