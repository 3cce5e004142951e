#include <algorithm>
#include <fmt/core.h>
#include <string>

#include "cli/command_page.hpp"

namespace ringway::cli {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t help_column = 30;

// Appends `text` in lines that begin at column `indent`; the first one continues what stands there.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
    std::size_t column = indent;
    while (!text.empty()) {
        const auto space = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, space);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (column > indent && column + 1 + word.size() > columns) {
            out += '\n';
            out.append(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
    }
    out += '\n';
}

std::string spelling(const option_text& option) {
    std::string text = option.letter == '\0' ? "      " : fmt::format("  -{}, ", option.letter);
    text += fmt::format("--{}", option.name);
    switch (option.form) {
        case option_form::flag: break;
        case option_form::value:
        case option_form::list: text += fmt::format(" {}", option.value); break;
        case option_form::optional_value: text += fmt::format("[={}]", option.value); break;
    }
    return text;
}

void append_option(std::string& out, const option_text& option) {
    auto text = spelling(option);
    if (text.size() + 2 > help_column) {
        text += '\n';
        text.append(help_column, ' ');
    } else {
        text.append(help_column - text.size(), ' ');
    }
    out += text;
    std::string help{option.help};
    if (!option.default_value.empty()) {
        help += fmt::format(" [{}]", option.default_value);
    }
    append_wrapped(out, help, help_column);
}

}  // namespace

std::string render_help(const command_page& page) {
    std::string out = fmt::format("{} - {}\n\nusage: {}\n", page.name, page.summary, page.synopsis);
    for (const auto paragraph : page.description) {
        out += '\n';
        append_wrapped(out, paragraph, 0);
    }
    std::string_view group;
    for (const auto& option : page.options) {
        if (option.group != group) {
            group = option.group;
            out += fmt::format("\n{}:\n", group);
        }
        append_option(out, option);
    }
    if (!page.help_ending.empty()) {
        out += '\n';
        append_wrapped(out, page.help_ending, 0);
    }
    return out;
}

}  // namespace ringway::cli
