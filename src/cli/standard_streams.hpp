// The three descriptors that every program begins with.
#pragma once

#include <cstdio>

namespace ringway::cli {

/// Takes the places of standard input, output and error that whoever started us has closed, so that
/// no file or socket of ours becomes one of them and gets what is meant for people. Writing there
/// still fails, reading too (/dev/null, opened the other way round).
void occupy_standard_streams();

/// The exit status of a command that has written to `output` and would end with `status`: 1 instead
/// of 0 if something did not get there. One line on standard error says why, unless the reader of a
/// pipe is gone, who knows.
[[nodiscard]] int status_after_output(std::FILE* output, int status);

}  // namespace ringway::cli
