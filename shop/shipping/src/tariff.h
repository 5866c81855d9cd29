#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// What a parcel costs and how long it takes: by zone, weight and speed. The warehouse is in Germany, prices are cents
// of a euro. Pure.
namespace vcommerce::shipping {

enum class Zone : uint8_t { kDomestic = 0, kEu = 1, kEurope = 2, kWorld = 3 };
enum class Speed : uint8_t { kStandard = 0, kExpress = 1 };

inline constexpr int64_t kPieceGramsMax = 30'000;
inline constexpr int64_t kParcelGramsMax = 100'000;
inline constexpr int64_t kDefaultGrams = 500;  // of a piece that says nothing

struct Tariff {
  int64_t cents = 0;
  int days_min = 0;
  int days_max = 0;
};

// Of an ISO 3166-1 alpha-2 code; nothing when there is no such country.
std::optional<Zone> zone_of(std::string_view country);
std::string_view zone_name(Zone zone);
// Nothing when that speed is not offered: express over 30 kg. Requires: 0 < grams <= kParcelGramsMax.
std::optional<Tariff> tariff(Zone zone, int64_t grams, Speed speed);

}  // namespace vcommerce::shipping
