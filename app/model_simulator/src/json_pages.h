#pragma once

#include <string_view>

// Small helpers of the service's own pages.
namespace godseye::model_simulator {

// With or without the simulator's suffix.
bool is_listed(std::string_view model);

}  // namespace godseye::model_simulator
