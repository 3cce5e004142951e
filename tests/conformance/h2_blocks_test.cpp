// RFC 7541: header blocks as bytes.
#include <string>
#include <vector>

#include "conformance/h2_case.hpp"

namespace ringway::test {
namespace {

using namespace h2;

std::vector<frames_case> compression_cases() {
    const auto ask_block = [](string bytes) {
        return frame(headers, end_headers | end_stream, 1, bytes);
    };
    // :method GET, :scheme http, :path /, :authority h; all but the last from the static table.
    const string indexed = string("\x82\x86\x84\x41\x01h", 6);
    const std::vector<std::uint32_t> bad{compression_error};
    return {
        {"indexed", "RFC 7541 6.1", ask_block(indexed), reaction::answer, {}},
        {"huffman",
         "RFC 7541 5.2",
         ask_block(string("\x82\x86\x84\x41\x81\x9f", 6)),
         reaction::answer,
         {}},
        {"never_indexed",
         "RFC 7541 6.2.3",
         ask_block(indexed + string("\x10\x01x\x01y", 5)),
         reaction::answer,
         {}},
        {"index_zero", "RFC 7541 6.1", ask_block("\x80"), reaction::end, bad},
        {"index_out_of_table", "RFC 7541 2.3.3", ask_block(indexed + "\xc6"), reaction::end, bad},
        {"literal_index_out_of_table", "RFC 7541 2.3.3", ask_block(indexed + "\x7f\x20\x01y"),
         reaction::end, bad},
        {"padding_of_8_bits", "RFC 7541 5.2", ask_block(indexed + string("\0\x01x\x82\x9f\xff", 6)),
         reaction::end, bad},
        {"padding_of_zeros", "RFC 7541 5.2", ask_block(indexed + string("\0\x01x\x81\x98", 5)),
         reaction::end, bad},
        {"eos_in_string", "RFC 7541 5.2",
         ask_block(indexed + string("\0\x01x\x84\xff\xff\xff\xff", 8)), reaction::end, bad},
        {"table_size_too_large", "RFC 7541 6.3", ask_block("\x3f\xe2\x1f" + indexed), reaction::end,
         bad},
        {"table_size_at_end", "RFC 7541 4.2", ask_block(indexed + "\x20"), reaction::end, bad},
        {"table_size_zero", "RFC 7541 6.3", ask_block("\x20" + indexed), reaction::answer, {}},
        {"integer_too_large", "RFC 7541 5.1", ask_block("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
         reaction::end, bad},
        {"block_ends_early", "RFC 7541 3.1", ask_block(indexed + string("\0\x05x", 3)),
         reaction::end, bad},
    };
}

class h2_blocks : public h2_frames {};

TEST_P(h2_blocks, reaction_is_right) { check_case(server_->port(), GetParam()); }

INSTANTIATE_TEST_SUITE_P(blocks, h2_blocks, ::testing::ValuesIn(compression_cases()), name_of_case);

}  // namespace
}  // namespace ringway::test
