#pragma once

#include "../train/random.h"

#include <cstdint>
#include <string>
#include <vector>

// Seeded questions, contexts and answers of a shop, a hotel, a bank and a help desk, good and faulty.
namespace godseye::guard::synthetic {

enum class Fault : uint8_t { kNone, kRambling, kRefusing, kWrong, kTruncated };
inline constexpr size_t kFaults = 5;

struct Answer {
  std::string question;
  std::string context;
  std::string answer;
  Fault fault = Fault::kNone;
};

class Questioner {
 public:
  explicit Questioner(uint64_t seed) : random_(seed) {}
  // A good answer, or one with the fault.
  Answer make(Fault fault);
  // One in five has a fault, each kind as often.
  Answer make_mixed() { return make(random_.chance(0.2) ? static_cast<Fault>(1 + random_.below(4)) : Fault::kNone); }

 private:
  train::Random random_;
};

// "none", "rambling", "refusing", "wrong", "truncated".
const char* fault_name(Fault fault);

}  // namespace godseye::guard::synthetic
