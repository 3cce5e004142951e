#include <ringway/base/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace ringway::detail {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "ringway: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace ringway::detail
