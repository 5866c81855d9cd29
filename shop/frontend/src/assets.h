#pragma once

#include <string_view>

// The files of assets/, built into the program.
namespace vcommerce::frontend {

extern const std::string_view kStyle;
extern const std::string_view kScript;
extern const std::string_view kIcon;

}  // namespace vcommerce::frontend
