// Text for people and scripts, on standard output or standard error.
#pragma once

#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace ringway {

/// Formats the arguments and writes the text to `to`.
///
/// Unlike fmt::print it does not throw where nothing can be written, because the disk is full or
/// the reader is gone: what a command is doing goes on. The file remembers it (std::ferror), and
/// cli::status_after_output tells of it at the end.
template <class... Values>
void print_text(std::FILE* to, fmt::format_string<Values...> form, Values&&... values) {
    const std::string text = fmt::format(form, std::forward<Values>(values)...);
    std::fwrite(text.data(), 1, text.size(), to);
}

/// The same to standard output.
template <class... Values>
void print_text(fmt::format_string<Values...> form, Values&&... values) {
    print_text(stdout, form, std::forward<Values>(values)...);
}

}  // namespace ringway
