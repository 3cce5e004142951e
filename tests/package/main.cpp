// Uses one header and one symbol of the installed library.
#include <cstdio>

#include <ringway/base/result.hpp>

int main() {
    const auto name = ringway::name_of(ringway::errc::truncated);
    std::printf("%.*s\n", static_cast<int>(name.size()), name.data());
}
