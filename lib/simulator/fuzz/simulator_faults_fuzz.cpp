#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/simulator/faults.h>

// Both spellings of faults: whatever is accepted is within its range and prints as JSON.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::simulator;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto faults = parse_fault_header(text)) {
    for (size_t i = 0; i < kFaults; ++i) {
      const auto value = faults->get(static_cast<Fault>(i));
      if (value && !(*value >= known_faults()[i].min && *value <= known_faults()[i].max)) std::abort();
    }
  }
  if (auto orders = parse_fault_orders(text)) {
    FaultBoard board;
    board.put(*std::move(orders), {});
    godseye::base::Random random(1);
    (void)board.draw("gpt-4o", {}, random);
    if (board.json({}).empty()) std::abort();
  }
  return 0;
}
