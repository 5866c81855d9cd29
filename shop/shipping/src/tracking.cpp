#include "tracking.h"

#include <algorithm>

namespace vcommerce::shipping {
namespace {

constexpr size_t kDigits = 11;
constexpr std::string_view kPrefix = "VC";

// Luhn's: from the right, every second digit doubled; the sum with the check digit ends in 0.
char check_digit(std::string_view digits) {
  int sum = 0;
  bool doubled = true;
  for (size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    int digit = digits[i] - '0';
    if (doubled) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

// Of 1,000, the same for a number at all times (FNV-1a).
int64_t thousandth(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return static_cast<int64_t>((hash >> 32) % 1000);
}

}  // namespace

std::string tracking_number(uint64_t serial) {
  std::string digits = std::to_string(serial);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return std::string(kPrefix) + digits + check_digit(digits);
}

bool is_tracking_number(std::string_view text) {
  if (text.size() != kPrefix.size() + kDigits + 1 || !text.starts_with(kPrefix)) return false;
  const std::string_view digits = text.substr(kPrefix.size());
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return false;
  return check_digit(digits.substr(0, kDigits)) == digits.back();
}

std::vector<ParcelEvent> journey(const Shipped& parcel, int64_t day_seconds) {
  std::vector<ParcelEvent> events{{ParcelState::kAnnounced, parcel.at_unix_s, "Leipzig, DE"}};
  if (parcel.cancelled_unix_s != 0) {
    events.push_back({ParcelState::kCancelled, parcel.cancelled_unix_s, "Leipzig, DE"});
    return events;
  }
  const Tariff days = *tariff(parcel.zone, kDefaultGrams, parcel.speed);
  const int64_t total =
      days.days_min * day_seconds + (days.days_max - days.days_min) * day_seconds * thousandth(parcel.tracking) / 1000;
  const auto at = [&](int64_t percent) { return parcel.at_unix_s + total * percent / 100; };
  events.push_back({ParcelState::kPickedUp, at(15), "Leipzig, DE"});
  events.push_back(
      {ParcelState::kInTransit, at(40), parcel.zone == Zone::kDomestic ? "Frankfurt, DE" : "Frankfurt Airport, DE"});
  events.push_back({ParcelState::kOutForDelivery, at(85), parcel.country});
  events.push_back({ParcelState::kDelivered, at(100), parcel.country});
  return events;
}

const ParcelEvent& latest(const std::vector<ParcelEvent>& events, int64_t now_unix_s) {
  const ParcelEvent* found = &events.front();
  for (const ParcelEvent& event : events) {
    if (event.unix_s <= now_unix_s) found = &event;
  }
  return *found;
}

}  // namespace vcommerce::shipping
