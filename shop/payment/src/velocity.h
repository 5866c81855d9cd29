#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

// Who pays suspiciously often. Stolen cards show as many attempts with one card, or as many cards of one user; both are
// counted over a sliding window. Memory is bounded: of 65,536 cards and users those not seen for longest are forgotten.
// Kept in memory: a restart begins anew. Threads: any.
namespace vcommerce::payment {

struct VelocityLimits {
  std::chrono::seconds window{600};
  size_t per_card_max = 5;   // attempts; at most kRemembered
  size_t per_user_max = 10;  // attempts; at most kRemembered
  size_t cards_of_user_max = 4;
  size_t subjects_max = 65'536;
};

class VelocityCheck {
 public:
  static constexpr size_t kRemembered = 16;

  explicit VelocityCheck(VelocityLimits limits) : limits_(limits) {}

  // Counts an attempt and judges it: empty: fine; else "card_velocity", "user_velocity" or "user_cards". `card` is a
  // fingerprint; `user` may be empty (unknown), which is then not judged.
  std::string_view attempt(std::string_view card, std::string_view user, base::TickTime now);
  size_t subjects() const;

 private:
  struct Attempt {
    base::TickTime when;
    uint64_t card = 0;
  };
  struct Subject {
    std::string name;
    std::array<Attempt, kRemembered> attempts{};
    uint64_t total = 0;  // attempts ever; the newest is at (total - 1) % kRemembered
  };
  using Order = std::list<Subject>;  // the latest seen first

  Subject& touch(std::string name) GE_REQUIRES(mutex_);
  static void remember(Subject& subject, Attempt attempt);
  size_t recent(const Subject& subject, base::TickTime now) const;
  size_t recent_cards(const Subject& subject, base::TickTime now) const;

  VelocityLimits limits_;
  mutable base::Mutex mutex_;
  Order order_ GE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Order::iterator> by_name_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce::payment
