#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// Numbers and sums of money in a text, as people of different countries write them.
namespace godseye::guard::text {

enum class Unit : uint8_t { kNone, kMoney, kPercent };

struct Amount {
  uint32_t start = 0;  // bytes, with sign and unit
  uint32_t end = 0;
  double value = 0;
  Unit unit = Unit::kNone;
  std::array<char, 4> currency = {};  // ISO 4217 and NUL; empty for signs that several use and for other units
  bool dollar = false;                // a bare "$"
  bool list_number = false;           // "1." or "2)" at the start of a line

  std::string_view code() const { return {currency.data(), currency[0] != 0 ? 3u : 0u}; }
};

inline constexpr size_t kAmountsMax = 2000;  // of one text; the first ones

// By start, never overlapping. Digits inside words ("X200", "LS4-PSX") are none.
std::vector<Amount> find_amounts(std::string_view text);

// "1,299.00", "1.299,00", "1 299", "49,9": which sign is the decimal one is decided by place. Nothing for what is no
// number.
std::optional<double> parse_number(std::string_view digits);

}  // namespace godseye::guard::text
