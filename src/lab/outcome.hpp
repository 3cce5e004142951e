// What the laboratory yields: a value, or a line for people.
#pragma once

#include <expected>
#include <string>

namespace ringway::lab {

template <class T>
using outcome = std::expected<T, std::string>;

}  // namespace ringway::lab
