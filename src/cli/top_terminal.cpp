#include "cli/top_terminal.hpp"

#include <unistd.h>

// Its macros have names such as "lines", so nothing else is in this file.
#include <ncursesw/curses.h>
#include <ncursesw/term.h>

namespace ringway::cli {

bool can_be_drawn_on(const std::string& type) {
    if (type.empty()) {
        return false;
    }
    int why = 0;  // Where it is asked for, setupterm does not end the process.
    if (::setupterm(type.c_str(), STDOUT_FILENO, &why) != OK) {
        return false;
    }
    const bool moves = cursor_address != nullptr;
    ::del_curterm(cur_term);
    return moves;
}

}  // namespace ringway::cli
