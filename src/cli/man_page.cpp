#include <algorithm>
#include <fmt/core.h>
#include <string>

#include "cli/command_page.hpp"

namespace ringway::cli {
namespace {

// Running text: backslashes are roff's, hyphens are minus signs where they begin an option, and a
// dot or quote at the start of a line would be a request.
std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (i == 0 && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        switch (c) {
            case '\\': out += "\\e"; break;
            case '-': out += "\\-"; break;
            case '\'': out += "\\(aq"; break;
            case '^': out += "\\(ha"; break;
            case '~': out += "\\(ti"; break;
            case '`': out += "\\(ga"; break;
            default: out += c;
        }
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        c = c == ' ' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

std::string dashed(std::string_view name) {
    std::string out{name};
    std::ranges::replace(out, ' ', '-');
    return out;
}

void append_paragraph(std::string& out, std::string_view text) {
    if (text.starts_with("$ ")) {
        out += fmt::format(".PP\n.RS 4\n.EX\n{}\n.EE\n.RE\n", escaped(text.substr(2)));
    } else {
        out += fmt::format(".PP\n{}\n", escaped(text));
    }
}

void append_option(std::string& out, const option_text& option) {
    out += ".TP\n";
    if (option.letter != '\0') {
        out += fmt::format("\\fB\\-{}\\fR, ", option.letter);
    }
    out += fmt::format("\\fB\\-\\-{}\\fR", escaped(option.name));
    const auto value = escaped(option.value);
    switch (option.form) {
        case option_form::flag: break;
        case option_form::value:
        case option_form::list: out += fmt::format(" \\fI{}\\fR", value); break;
        case option_form::optional_value: out += fmt::format("[=\\fI{}\\fR]", value); break;
    }
    out += fmt::format("\n{}\n", escaped(option.help));
    if (!option.default_value.empty()) {
        out += fmt::format("Default: {}.\n", escaped(option.default_value));
    }
}

}  // namespace

std::string render_man(const command_page& page, std::string_view version) {
    std::string out = fmt::format(
        ".\\\" Generated from the option tables by ringway --man; do not edit.\n"
        ".TH {} 1 \"\" \"ringway {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}\n",
        upper(page.name), version, escaped(dashed(page.name)), escaped(page.summary),
        escaped(page.synopsis));
    out += ".SH DESCRIPTION\n";
    for (const auto paragraph : page.description) {
        append_paragraph(out, paragraph);
    }
    out += ".SH OPTIONS\n";
    std::string_view group;
    for (const auto& option : page.options) {
        if (option.group != group) {
            group = option.group;
            out += fmt::format(".SS {}\n", escaped(group));
        }
        append_option(out, option);
    }
    for (const auto& section : page.sections) {
        out += fmt::format(".SH {}\n", section.title);
        for (const auto paragraph : section.paragraphs) {
            append_paragraph(out, paragraph);
        }
    }
    return out;
}

}  // namespace ringway::cli
