// What `ringway doctor` found, as text and as JSON.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <ringway/probe/finding.hpp>

namespace ringway::cli {

struct doctor_report {
    std::vector<probe::finding> rows;  ///< In the order of topics.
    std::string version;
    std::string kernel;
    bool root = false;
};

struct report_style {
    bool colours = false;
    bool verbose = false;                   ///< With the reasons.
    std::vector<probe::topic> topics = {};  ///< Only these; empty: all.
};

/// The summary first, then a table for each topic. No line is wider than 80 columns.
[[nodiscard]] std::string as_text(const doctor_report& report, const report_style& style);

/// One object, whose members docs/guide/doctor.md tells.
[[nodiscard]] std::string as_json(const doctor_report& report, const report_style& style);

/// The commands that would help `ringway serve`, each once, one on a line; what is no command is a
/// comment of the shell.
[[nodiscard]] std::string fixes_of(const doctor_report& report);

/// Appends `text` to `out` in lines of at most 80 columns that begin at column `indent`; the first
/// one continues what stands there.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent);
/// The same where the first line stands at `column` already.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent,
                    std::size_t column);

}  // namespace ringway::cli
