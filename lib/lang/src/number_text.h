#pragma once

#include <string>

namespace godseye::lang {

// Shortest text that reads back as the same double.
std::string number_text(double value);

}  // namespace godseye::lang
