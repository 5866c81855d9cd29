#pragma once

#include <string>

namespace godseye::lang {

// Shortest text that reads back as the same double.
std::string number_text(double value);
// 99.9 → "p99.9".
std::string percentile_text(double percentile);

}  // namespace godseye::lang
