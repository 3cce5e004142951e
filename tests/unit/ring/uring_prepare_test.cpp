// Goal: what an operation asks for is what the kernel reads: opcodes, enrolled memory and files.
#include "ring/uring_prepare.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace ringway {
namespace {

io_uring_sqe prepared(const operation& op, const uring_features& features = {}) {
    io_uring_sqe sqe{};
    prepare_entry(sqe, op, features);
    return sqe;
}

TEST(uring_prepare, enrolled_memory_is_named_by_its_number) {
    char memory = 0;
    operation op{.kind = op_kind::read, .fd = 7, .length = 1, .offset = 5, .address = &memory};
    EXPECT_EQ(prepared(op).opcode, IORING_OP_READ);
    op.kind = op_kind::write;
    EXPECT_EQ(prepared(op).opcode, IORING_OP_WRITE);
    op.buffer_slot = 3;
    const io_uring_sqe write = prepared(op);
    EXPECT_EQ(write.opcode, IORING_OP_WRITE_FIXED);
    EXPECT_EQ(write.buf_index, 3);
    EXPECT_EQ(write.off, 5U);
    EXPECT_EQ(write.fd, 7);
    op.kind = op_kind::read;
    EXPECT_EQ(prepared(op).opcode, IORING_OP_READ_FIXED);
}

TEST(uring_prepare, enrolled_files_are_named_by_their_number) {
    operation op{.kind = op_kind::read, .file_slot = 9, .fd = 7};
    const io_uring_sqe read = prepared(op);
    EXPECT_EQ(read.fd, 9);
    EXPECT_NE(read.flags & IOSQE_FIXED_FILE, 0);
    op.file_slot = operation::no_slot;
    EXPECT_EQ(prepared(op).flags & IOSQE_FIXED_FILE, 0);
}

TEST(uring_prepare, sends_without_a_copy_are_that) {
    msghdr message{};
    operation op{.kind = op_kind::send_zc, .fd = 7, .length = 10, .address = &message};
    EXPECT_EQ(prepared(op).opcode, IORING_OP_SEND_ZC);
    EXPECT_EQ(prepared(op).ioprio & IORING_RECVSEND_FIXED_BUF, 0);
    EXPECT_NE(prepared(op).ioprio & IORING_SEND_ZC_REPORT_USAGE, 0);
    op.buffer_slot = 2;
    EXPECT_NE(prepared(op).ioprio & IORING_RECVSEND_FIXED_BUF, 0);
    EXPECT_EQ(prepared(op).buf_index, 2);
    op.kind = op_kind::sendmsg_zc;
    EXPECT_EQ(prepared(op).opcode, IORING_OP_SENDMSG_ZC);
    EXPECT_NE(prepared(op).ioprio & IORING_RECVSEND_FIXED_BUF, 0);
    EXPECT_NE(prepared(op).msg_flags & MSG_WAITALL, 0U);
}

TEST(uring_prepare, multishot_is_asked_for_where_the_kernel_has_it) {
    operation op{.kind = op_kind::recv, .multishot = true, .select_buffer = true, .fd = 7};
    EXPECT_EQ(prepared(op).ioprio & IORING_RECV_MULTISHOT, 0);
    EXPECT_NE(prepared(op, {.multishot_receive = true}).ioprio & IORING_RECV_MULTISHOT, 0);
    EXPECT_NE(prepared(op).flags & IOSQE_BUFFER_SELECT, 0);
    op = {.kind = op_kind::accept, .multishot = true, .fd = 7};
    EXPECT_EQ(prepared(op).ioprio & IORING_ACCEPT_MULTISHOT, 0);
    EXPECT_NE(prepared(op, {.multishot_accept = true}).ioprio & IORING_ACCEPT_MULTISHOT, 0);
}

}  // namespace
}  // namespace ringway
