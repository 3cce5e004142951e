// What a sub-command tells about itself: the source of its --help and of its man page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringway::cli {

/// How an option is written.
enum class option_form : unsigned char {
    flag,            ///< --name
    value,           ///< --name VALUE; of several the last one counts.
    list,            ///< --name VALUE, as often as one likes.
    optional_value,  ///< --name or --name=VALUE.
};

/// One option, for readers.
struct option_text {
    std::string_view group = {};
    std::string_view name = {};  ///< Without the dashes.
    char letter = '\0';          ///< Its short form, if it has one.
    option_form form = option_form::value;
    std::string_view value = {};          ///< What its value is called: "ADDR:PORT".
    std::string_view default_value = {};  ///< "" if there is none to tell.
    std::string_view help = {};           ///< One paragraph.
    std::string_view implied = {};        ///< Value of an `optional_value` that is left out.
};

/// What there is to read about the rows of a command's table, in their order.
template <class Table>
[[nodiscard]] std::vector<option_text> texts_of(const Table& table) {
    std::vector<option_text> texts;
    for (const auto& row : table) {
        texts.push_back(row.text);
    }
    return texts;
}

/// A section of the man page. A paragraph that begins with "$ " is a command line.
struct page_section {
    std::string_view title;
    std::vector<std::string_view> paragraphs;
};

/// All that there is to say about one command.
struct command_page {
    std::string_view name;      ///< "ringway serve"
    std::string_view summary;   ///< "serve the files of a directory over HTTP"
    std::string_view synopsis;  ///< "ringway serve [OPTION]... [DIR]"
    std::vector<std::string_view> description;
    std::vector<option_text> options;
    std::vector<page_section> sections;  ///< After the options; not shown by --help.
    std::string_view help_ending;        ///< Last line of --help.
};

/// What --help prints: at most 80 columns.
[[nodiscard]] std::string render_help(const command_page& page);

/// The page for man(1), in the man(7) macros. The same text makes the same page on any day.
[[nodiscard]] std::string render_man(const command_page& page, std::string_view version);

}  // namespace ringway::cli
