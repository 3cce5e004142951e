#include "cli/parse_cp.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/cp_option_table.hpp"
#include "cli/pages.hpp"
#include "cli/split_arguments.hpp"

namespace ringway::cli {
namespace {

std::optional<reply> read_names(std::vector<std::string> operands, cp_options& to) {
    if (std::ranges::find(operands, "") != operands.end()) {
        return usage_error("a name must not be empty");
    }
    if (!to.target_directory.empty()) {
        if (to.how.no_target_directory) {
            return usage_error("-t and -T contradict each other");
        }
        // A slash at the end demands a directory: never may -t replace a file.
        to.destination = to.target_directory + (to.target_directory.ends_with('/') ? "" : "/");
    } else if (operands.size() >= 2) {
        to.destination = std::move(operands.back());
        operands.pop_back();
    }
    if (operands.empty()) {
        return usage_error("cp what? ringway cp SOURCE... DEST (ringway cp --help tells more)");
    }
    if (to.destination.empty()) {
        return usage_error(fmt::format(
            "where to? ringway cp {} DEST (ringway cp --help tells more)", operands.front()));
    }
    if (operands.size() > 1 && to.how.no_target_directory) {
        return usage_error("with -T there is one SOURCE");
    }
    to.sources = std::move(operands);
    return std::nullopt;
}

std::optional<reply> check_together(const cp_options& options) {
    const auto& how = options.how.how;
    const bool by_kernel = how.method == copy_method::reflink ||
                           how.method == copy_method::copy_file_range ||
                           how.method == copy_method::sendfile ||
                           how.method == copy_method::splice || how.method == copy_method::mapped;
    if (how.sparse == sparse_mode::always && by_kernel) {
        return usage_error(
            fmt::format("--sparse=always looks at the bytes, which --method={} never sees",
                        name_of(how.method)));
    }
    if (how.reflink == reflink_mode::always && how.method != copy_method::automatic &&
        how.method != copy_method::reflink) {
        return usage_error(fmt::format("--reflink=always and --method={} contradict each other",
                                       name_of(how.method)));
    }
    if (how.reflink == reflink_mode::never && how.method == copy_method::reflink) {
        return usage_error("--reflink=never and --method=reflink contradict each other");
    }
    if (options.how.resume && options.how.keep_existing) {
        return usage_error("--resume and --no-clobber contradict each other");
    }
    return std::nullopt;
}

}  // namespace

std::variant<cp_options, reply> parse_cp(std::span<const std::string_view> arguments) {
    std::vector<std::string_view> given{arguments.begin(), arguments.end()};
    const auto names = std::ranges::find(given, "--");
    std::replace(given.begin(), names, std::string_view{"-R"}, std::string_view{"-r"});
    auto split = split_by("cp", texts_of(cp_option_table()), given);
    if (auto* const wrong = std::get_if<reply>(&split)) {
        return std::move(*wrong);
    }
    auto& from = std::get<split_arguments>(split);
    if (from.help) {
        return reply{.text = render_help(cp_page())};
    }
    cp_options options;
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const auto& row = cp_option_table()[i];
        if (from.values[i].empty()) {
            continue;
        }
        if (const auto applied = row.apply(options, from.values[i].back()); !applied) {
            return usage_error(fmt::format("--{}: {}", row.text.name, applied.error()));
        }
    }
    if (options.how.recursive && !options.follow_given) {
        options.how.follow = followed_links::none;
    }
    if (auto wrong = read_names(std::move(from.operands), options)) {
        return *std::move(wrong);
    }
    if (auto wrong = check_together(options)) {
        return *std::move(wrong);
    }
    return options;
}

}  // namespace ringway::cli
