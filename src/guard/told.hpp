// A value, or one line for the operator that says what is wrong and what to do about it.
#pragma once

#include <expected>
#include <string>

namespace ringway::guard {

template <class T>
using told = std::expected<T, std::string>;

}  // namespace ringway::guard
