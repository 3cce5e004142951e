#include "cli/top_screen.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <limits.h>
#include <optional>
#include <poll.h>
#include <string>
#include <termios.h>
#include <unistd.h>
#include <utility>

// Its short names would be in the way of everybody's.
#define NCURSES_NOMACROS 1  // NOLINT(readability-identifier-naming): so it is called there.
#include <ncursesw/ncurses.h>

#include "cli/top_flows.hpp"
#include "cli/top_frame.hpp"

namespace ringway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds events_interval{100};
constexpr int escape_ms = 25;  // A lone Escape, against the beginning of a key's sequence.

std::sig_atomic_t ending = 0;
termios terminal_before{};
char restoring[256];  // What leaves the screen, for a crash: no memory can be asked for then.
std::size_t restoring_size = 0;

void note_end(int) { ending = 1; }

void restore_and_die(int signal) {
    static_cast<void>(!::write(STDOUT_FILENO, restoring, restoring_size));
    ::tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void prepare_crash() {
    for (const char* const name : {"sgr0", "cnorm", "rmkx", "rmcup"}) {
        const char* const text = ::tigetstr(const_cast<char*>(name));
        // NOLINTNEXTLINE(performance-no-int-to-ptr): tigetstr(3) says "no such thing" so.
        if (text == nullptr || text == reinterpret_cast<const char*>(-1)) {
            continue;
        }
        const std::size_t size = std::strlen(text);
        if (restoring_size + size <= sizeof restoring) {
            std::copy_n(text, size, restoring + restoring_size);
            restoring_size += size;
        }
    }
}

void take_signals() {
    struct sigaction action{};
    action.sa_handler = note_end;  // Without SA_RESTART, so that poll(2) ends.
    for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        ::sigaction(each, &action, nullptr);
    }
    action.sa_handler = restore_and_die;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int each : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
        ::sigaction(each, &action, nullptr);
    }
}

// ncurses between its beginning and its end.
class terminal {
public:
    terminal() {
        ::tcgetattr(STDIN_FILENO, &terminal_before);
        std::setlocale(LC_ALL, "");
        ::set_escdelay(escape_ms);
        ::initscr();
        prepare_crash();
        ::cbreak();
        ::noecho();
        ::nonl();
        ::keypad(stdscr, TRUE);
        ::nodelay(stdscr, TRUE);
        ::curs_set(0);
        if (::has_colors()) {
            ::start_color();
            ::use_default_colors();
            ::init_pair(1, COLOR_YELLOW, -1);
        }
        take_signals();
    }
    ~terminal() { ::endwin(); }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;
};

attr_t attribute_of(line_style style) {
    switch (style) {
        case line_style::title: return A_BOLD;
        case line_style::head: return A_REVERSE;
        case line_style::alert: return A_BOLD | static_cast<attr_t>(COLOR_PAIR(1));
        case line_style::quiet: return A_DIM;
        case line_style::plain:
        case line_style::tabs: break;
    }
    return A_NORMAL;
}

void paint(const std::vector<styled_line>& lines, unsigned width) {
    ::erase();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const styled_line& each = lines[i];
        const int y = static_cast<int>(i);
        const attr_t attribute = attribute_of(each.style);
        ::attrset(static_cast<NCURSES_ATTR_T>(attribute));
        ::mvaddnstr(y, 0, each.text.c_str(), static_cast<int>(each.text.size()));
        if (each.style == line_style::head) {
            ::mvchgat(y, 0, static_cast<int>(width), A_REVERSE, 0, nullptr);
        }
        if (each.marked_size > 0) {
            ::mvchgat(y, static_cast<int>(each.marked_at), static_cast<int>(each.marked_size),
                      A_REVERSE | A_BOLD, 0, nullptr);
        }
    }
    ::refresh();
}

std::optional<std::pair<top_key, std::string>> read_key() {
    wint_t code = 0;
    const int kind = ::get_wch(&code);
    if (kind == ERR) {
        return std::nullopt;
    }
    if (kind == KEY_CODE_YES) {
        switch (code) {
            case KEY_UP: return {{top_key::up, {}}};
            case KEY_DOWN: return {{top_key::down, {}}};
            case KEY_LEFT: return {{top_key::left, {}}};
            case KEY_RIGHT: return {{top_key::right, {}}};
            case KEY_PPAGE: return {{top_key::page_up, {}}};
            case KEY_NPAGE: return {{top_key::page_down, {}}};
            case KEY_HOME: return {{top_key::home, {}}};
            case KEY_END: return {{top_key::end, {}}};
            case KEY_BACKSPACE: return {{top_key::backspace, {}}};
            // KEY_ENTER, and KEY_RESIZE: drawn anew.
            default: return {{top_key::enter, {}}};
        }
    }
    switch (code) {
        case '\r':
        case '\n': return {{top_key::enter, {}}};
        case '\t': return {{top_key::tab, {}}};
        case 27: return {{top_key::escape, {}}};
        case 8:
        case 127: return {{top_key::backspace, {}}};
        default: break;
    }
    std::array<char, MB_LEN_MAX> text{};
    std::mbstate_t shift{};
    const std::size_t size = std::wcrtomb(text.data(), static_cast<wchar_t>(code), &shift);
    const bool is_text = size != static_cast<std::size_t>(-1) && code >= 32;
    return {{top_key::character, is_text ? std::string{text.data(), size} : std::string{}}};
}

std::string host_name() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

class screen {
public:
    screen(const top_options& options, top_state state, monitor::collector& source, flow_log* flows)
        : options_{options},
          state_{std::move(state)},
          source_{source},
          flows_{flows},
          host_{host_name()} {}

    void run();

private:
    void look();
    void draw();
    void wait(steady_clock::time_point until);
    [[nodiscard]] bool take_keys();

    const top_options& options_;
    top_state state_;
    monitor::collector& source_;
    flow_log* flows_;
    std::string host_;
    std::optional<monitor::snapshot> now_;
    std::optional<monitor::snapshot> before_;
    bool lost_terminal_ = false;
};

void screen::run() {
    terminal held;
    draw();
    std::uint64_t looks = 0;
    while (ending == 0 && !lost_terminal_) {
        look();
        draw();
        if (options_.count > 0 && ++looks >= options_.count) {
            return;
        }
        const auto next = steady_clock::now() + (looks == 1 ? events_interval : options_.interval);
        while (ending == 0 && !lost_terminal_ && steady_clock::now() < next) {
            wait(next);
            source_.take_events();
            if (!take_keys()) {
                return;
            }
        }
    }
}

// A pause keeps what is shown; the kernel goes on counting, and events are taken all the same.
void screen::look() {
    if (state_.is_paused() && now_) {
        return;
    }
    auto taken = source_.take_snapshot();
    if (flows_ != nullptr) {
        flows_->flush();
        taken.losses.push_back({"flow records", flows_->lost(), "the disk of --flows"});
    }
    before_ = std::exchange(now_, std::move(taken));
}

void screen::draw() {
    const auto width = static_cast<unsigned>(std::max(COLS, 1));
    const auto lines = make_frame(state_, now_ ? &*now_ : nullptr, before_ ? &*before_ : nullptr,
                                  {.width = width,
                                   .height = static_cast<unsigned>(std::max(LINES, 1)),
                                   .host = host_,
                                   .interval = options_.interval});
    paint(lines, width);
}

void screen::wait(steady_clock::time_point until) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    const auto wait_for = std::clamp(left, milliseconds{0}, events_interval);
    std::array<pollfd, 2> about{{{STDIN_FILENO, POLLIN, 0}, {source_.event_fd(), POLLIN, 0}}};
    const int ready = ::poll(about.data(), about.size(), static_cast<int>(wait_for.count()));
    if (ready > 0 && (about[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        lost_terminal_ = true;
    }
}

bool screen::take_keys() {
    bool any = false;
    while (const auto key = read_key()) {
        any = true;
        if (!state_.press(key->first, key->second)) {
            return false;
        }
    }
    if (any) {
        draw();
    }
    return true;
}

}  // namespace

int run_screen(const top_options& options, top_state state, monitor::collector& source,
               flow_log* flows) {
    screen shown{options, std::move(state), source, flows};
    shown.run();
    return 0;
}

}  // namespace ringway::cli
