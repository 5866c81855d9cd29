#include <algorithm>
#include <array>
#include <cmath>

#include <godseye/simulator/behaviour.h>

namespace godseye::simulator {

namespace {

struct Defect {
  Fault fault;
  double share;
  bool Behaviour::* effect;
};

constexpr std::array kDefects = {
    Defect{Fault::kRamble, 0.30, &Behaviour::ramble},           Defect{Fault::kWrong, 0.25, &Behaviour::wrong},
    Defect{Fault::kHallucinate, 0.20, &Behaviour::hallucinate}, Defect{Fault::kTruncate, 0.10, &Behaviour::truncate},
    Defect{Fault::kRefuse, 0.10, &Behaviour::refuse},           Defect{Fault::kRude, 0.05, &Behaviour::rude},
};

const Defect& pick(double at) {
  for (const Defect& defect : kDefects) {
    at -= defect.share;
    if (at < 0) return defect;
  }
  return kDefects.back();
}

}  // namespace

Behaviour decide(const ModelTraits& traits, const FaultSet& faults, std::chrono::duration<double> running,
                 base::Random& random) {
  Behaviour behaviour;
  const double decay = faults.value_or(Fault::kQualityDecayPerHour, traits.decay_per_hour);
  const double base = faults.value_or(Fault::kQuality, traits.quality);
  // A quality that is ordered may be 0; one that decays keeps a rest.
  const double floor = std::min(base, kQualityMin);
  behaviour.quality = std::clamp(base - decay * running.count() / 3600, floor, 1.0);
  const double chance = std::pow(1 - behaviour.quality, 1.5);
  // Every number is drawn whatever the outcome, so that one fault more does not change the rest of the answer.
  bool happens = true;
  for (int draw = 0; draw < 2; ++draw) {
    happens = random.chance(chance) && happens;
    const Defect& defect = pick(random.uniform());
    if (happens && !faults.has(defect.fault)) behaviour.*defect.effect = true;
  }
  for (const Defect& defect : kDefects) {
    if (random.chance(faults.value_or(defect.fault, 0))) behaviour.*defect.effect = true;
  }
  behaviour.leak = random.chance(faults.value_or(Fault::kLeak, 0));
  behaviour.pii = random.chance(faults.value_or(Fault::kPii, 0));
  behaviour.safety = random.chance(faults.value_or(Fault::kSafety, 0));
  return behaviour;
}

std::chrono::milliseconds draw_latency(const FaultSet& faults, base::Random& random) {
  double wait = faults.value_or(Fault::kLatencyMs, 0);
  const double deviation = random.normal();
  wait *= std::exp(faults.value_or(Fault::kLatencySigma, 0) * deviation);
  const bool spike = random.chance(faults.value_or(Fault::kSpikeRate, faults.has(Fault::kSpikeMs) ? 1 : 0));
  if (spike) wait += faults.value_or(Fault::kSpikeMs, 5000);
  constexpr double kWaitMax = 600'000;
  return std::chrono::milliseconds(static_cast<int64_t>(std::min(wait, kWaitMax)));
}

}  // namespace godseye::simulator
