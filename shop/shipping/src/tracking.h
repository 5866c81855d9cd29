#pragma once

#include "tariff.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Tracking numbers, and where a parcel is by the time since it was shipped. Pure.
namespace vcommerce::shipping {

// "VC", eleven digits, and a check digit (Luhn): one digit wrong, or two neighbours swapped (but 09 and 90), is
// noticed.
inline constexpr uint64_t kTrackingSerials = 100'000'000'000;  // eleven digits
// Requires: serial < kTrackingSerials.
std::string tracking_number(uint64_t serial);
bool is_tracking_number(std::string_view text);

enum class ParcelState : uint8_t {
  kAnnounced = 1,
  kPickedUp = 2,
  kInTransit = 3,
  kOutForDelivery = 4,
  kDelivered = 5,
  kCancelled = 6,
};

struct Shipped {
  int64_t at_unix_s = 0;
  Zone zone = Zone::kDomestic;
  Speed speed = Speed::kStandard;
  std::string country;
  std::string tracking;          // decides where between its fewest and most days this parcel arrives
  int64_t cancelled_unix_s = 0;  // 0: it was not
};

struct ParcelEvent {
  ParcelState state = ParcelState::kAnnounced;
  int64_t unix_s = 0;
  std::string place;
};

// The whole journey, the future with it, in order of time. `day_seconds`: how long a day of it takes (86,400; less to
// watch one). A parcel that was cancelled has two events.
std::vector<ParcelEvent> journey(const Shipped& parcel, int64_t day_seconds);
// The last one that has happened; the first, if none has.
const ParcelEvent& latest(const std::vector<ParcelEvent>& events, int64_t now_unix_s);

}  // namespace vcommerce::shipping
