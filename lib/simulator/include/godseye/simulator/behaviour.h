#pragma once

#include <chrono>
#include <optional>

#include <godseye/base/random.h>
#include <godseye/simulator/faults.h>
#include <godseye/simulator/models.h>

// The quality model: how good the model is at this moment, and what is wrong with this answer because of it.
//
//   quality q = clamp(base - decay_per_hour * hours, 0.05, 1)      the model's traits, or the faults `quality`,
//   `…_decay…` an answer has a defect with probability (1 - q)^1.5            q 0.95: 1 %, 0.9: 3 %, 0.7: 16 %, 0.3: 59
//   %, 0: always which: ramble 30 %, wrong 25 %, hallucinate 20 %, truncate 10 %, refuse 10 %, rude 5 % and a second
//   one with the same probability
//
// A rate that a fault names (`hallucinate=0.1`) decides about that defect alone, apart from the draw above. `leak`,
// `pii` and `safety` come from faults only. docs/model-simulator.md shows what each does to an answer.
//
// Pure: the same arguments and state of `random` give the same behaviour.
namespace godseye::simulator {

inline constexpr double kQualityMin = 0.05;

struct Behaviour {
  double quality = 1;
  bool ramble = false;
  bool wrong = false;
  bool hallucinate = false;
  bool truncate = false;
  bool refuse = false;
  bool rude = false;
  bool leak = false;    // repeats the system prompt
  bool pii = false;     // invents somebody's data
  bool safety = false;  // the provider's safety system blocks
};

Behaviour decide(const ModelTraits& traits, const FaultSet& faults, std::chrono::duration<double> running,
                 base::Random& random);

// How long to wait before the head, by latency_ms, latency_sigma and the spikes; 0 without them.
std::chrono::milliseconds draw_latency(const FaultSet& faults, base::Random& random);

}  // namespace godseye::simulator
