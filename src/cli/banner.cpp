#include "cli/banner.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/core.h>
#include <unistd.h>

#include "cli/version.hpp"

namespace ringway::cli {
namespace {

struct paint {
    std::string_view bold, link, dim, warn, plain;
};
constexpr paint no_paint{};
constexpr paint colours{.bold = "\x1b[1m",
                        .link = "\x1b[36m",
                        .dim = "\x1b[2m",
                        .warn = "\x1b[33m",
                        .plain = "\x1b[0m"};

using fact = std::pair<std::string_view, std::string_view>;

std::vector<fact> named_facts(const banner_facts& facts) {
    std::vector<fact> out;
    out.reserve(facts.tls.size());
    for (const auto& line : facts.tls) {
        out.emplace_back(out.empty() ? "tls" : "", line);
    }
    out.insert(out.end(), {{"http/3", facts.http3},
                           {"site", facts.site},
                           {"engine", facts.engine},
                           {"", facts.features},
                           {"limits", facts.limits},
                           {"log", facts.log},
                           {"metrics", facts.admin}});
    return out;
}

std::string render_lines(const banner_facts& facts) {
    std::string out;
    const auto line = [&out](std::string_view name, std::string_view text) {
        if (!text.empty()) {
            out += fmt::format("ringway: {}: {}\n", name, text);
        }
    };
    line("version", version_number());
    line("root", facts.root);
    for (const auto& address : facts.addresses) {
        line("listening", address);
    }
    for (const auto& text : facts.tls) {
        line("tls", text);
    }
    line("http/3", facts.http3);
    line("site", facts.site);
    line("engine", facts.engine);
    line("features", facts.features);
    line("limits", facts.limits);
    line("log", facts.log);
    line("metrics", facts.admin);
    for (const auto& text : facts.missing) {
        line("warning", text);
    }
    return facts.ready.empty() ? out : out + fmt::format("ringway: {}\n", facts.ready);
}

std::string render_screen(const banner_facts& facts, const paint& with) {
    std::string out = fmt::format("\n  {}ringway {}{} serves {}{}{}\n\n", with.bold,
                                  version_number(), with.plain, with.bold, facts.root, with.plain);
    for (const auto& address : facts.addresses) {
        out += fmt::format("    {}{}{}\n", with.link, address, with.plain);
    }
    out += '\n';
    for (const auto& [name, text] : named_facts(facts)) {
        if (!text.empty()) {
            out += fmt::format("    {}{:<9}{}{}\n", with.dim, name, with.plain, text);
        }
    }
    for (const auto& text : facts.missing) {
        out += fmt::format("\n  {}! {}{}", with.warn, text, with.plain);
    }
    out += facts.missing.empty() ? "\n" : "\n\n";
    out += fmt::format("  {}{}Ctrl-C stops.{}\n\n", with.dim,
                       facts.ready.empty() ? "" : facts.ready + "; ", with.plain);
    return out;
}

bool is_set(const char* variable) {
    const char* const value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

template <class Value, std::size_t N>
using words = std::array<std::pair<Value, std::string_view>, N>;

template <class Value, std::size_t N>
std::string_view word_for(Value value, const words<Value, N>& all) {
    for (const auto& [known, word] : all) {
        if (known == value) {
            return word;
        }
    }
    return "?";
}

std::string duration_text(std::chrono::milliseconds duration) {
    const auto ms = duration.count();
    if (ms == 0) {
        return "off";
    }
    return ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms);
}

std::string precompressed_text(std::uint8_t codings) {
    constexpr words<wire::coding, 3> names{
        {{wire::coding::brotli, "br"}, {wire::coding::zstd, "zst"}, {wire::coding::gzip, "gz"}}};
    std::string out;
    for (const auto& [coding, name] : names) {
        if ((codings & wire::coding_bit(coding)) != 0) {
            out += fmt::format(" {}", name);
        }
    }
    return out.empty() ? " off" : out;
}

}  // namespace

std::string render_banner(const banner_facts& facts, banner_style style) {
    switch (style) {
        case banner_style::lines: return render_lines(facts);
        case banner_style::screen: return render_screen(facts, no_paint);
        case banner_style::colour: return render_screen(facts, colours);
    }
    return {};
}

void print_banner(const banner_facts& facts) {
    auto style = banner_style::lines;
    if (::isatty(STDERR_FILENO) == 1) {
        const char* const terminal = std::getenv("TERM");
        const bool dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
        style = dumb || is_set("NO_COLOR") ? banner_style::screen : banner_style::colour;
    }
    const auto text = render_banner(facts, style);
    [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

std::string url_of(std::string_view endpoint, bool tls) {
    if (endpoint.starts_with("unix:")) {
        return std::string{endpoint};
    }
    const auto colon = endpoint.rfind(':');
    const auto host = endpoint.substr(0, colon);
    auto port = colon == std::string_view::npos ? std::string_view{} : endpoint.substr(colon);
    port = port == (tls ? ":443" : ":80") ? std::string_view{} : port;
    const bool every = host.empty() || host == "0.0.0.0" || host == "[::]";
    return fmt::format("{}://{}{}/", tls ? "https" : "http", every ? "localhost" : host, port);
}

std::string address_text(std::string_view endpoint, bool tls) {
    const bool every = endpoint.starts_with(':') || endpoint.starts_with("0.0.0.0:") ||
                       endpoint.starts_with("[::]:");
    return url_of(endpoint, tls) + (every ? " (every address of this machine)" : "");
}

std::string certificate_line(const tls::certificate_facts& facts) {
    constexpr std::size_t names_shown = 4;
    std::string names;
    for (std::size_t i = 0; i < std::min(facts.names.size(), names_shown); ++i) {
        names += fmt::format("{}{}", i == 0 ? "" : ", ", facts.names[i]);
    }
    if (facts.names.size() > names_shown) {
        names += fmt::format(" and {} more", facts.names.size() - names_shown);
    }
    return fmt::format("{} ({}, until {}): {}", names.empty() ? "no name" : names,
                       tls::name_of(facts.key), tls::day_text(facts.not_after_unix_s), facts.file);
}

std::string site_text(const files::site_options& site) {
    using enum files::listing_mode;
    constexpr words<files::listing_mode, 4> listings{
        {{off, "off"}, {html, "html"}, {json, "json"}, {automatic, "auto"}}};
    constexpr words<files::symlink_policy, 3> symlinks{
        {{files::symlink_policy::deny, "denied"},
         {files::symlink_policy::inside, "inside"},
         {files::symlink_policy::follow, "followed anywhere"}}};
    auto out = fmt::format("listing {}, precompressed{}, symlinks {}, hidden files {}",
                           word_for(site.listing, listings), precompressed_text(site.precompressed),
                           word_for(site.symlinks, symlinks),
                           site.hidden == files::hidden_policy::deny ? "denied" : "served");
    if (!site.spa_fallback.empty()) {
        out += fmt::format(", missing pages /{}", site.spa_fallback);
    }
    return out;
}

std::string limits_text(const serve_options& options, std::uint64_t max_connections) {
    auto out = fmt::format("{} connections", max_connections);
    if (options.max_connections_per_address != 0) {
        out += fmt::format(", {} per address", options.max_connections_per_address);
    }
    out += fmt::format(", head within {}, idle {}", duration_text(options.header_timeout),
                       duration_text(options.idle_timeout));
    if (options.min_rate != 0) {
        out += fmt::format(", at least {} B/s", options.min_rate);
    }
    return out;
}

std::string log_text(const serve_options& options) {
    if (options.log.empty()) {
        return "off (--log FILE)";
    }
    return fmt::format("{} ({})", options.log == "-" ? "standard output" : options.log,
                       options.log_format == observe::log_format::json ? "json" : "combined");
}

}  // namespace ringway::cli
