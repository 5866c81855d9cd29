#include "tariff.h"

#include <algorithm>

namespace vcommerce::shipping {
namespace {

// ISO 3166-1 alpha-2, in order; two letters each.
constexpr std::string_view kCountries =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ"
    "DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJO"
    "JPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNU"
    "NZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTV"
    "TWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";
constexpr std::string_view kEu = "ATBEBGCYCZDKEEESFIFRGRHRHUIEITLTLULVMTNLPLPTROSESISK";
constexpr std::string_view kEurope = "ADALAXBACHFOGBGGGIIMISJELIMCMDMEMKNORSSMTRUAVA";
static_assert(kCountries.size() == 2 * 249);
static_assert(kEu.size() == 2 * 26);

bool lists(std::string_view codes, std::string_view country) {
  for (size_t i = 0; i < codes.size(); i += 2) {
    if (codes.substr(i, 2) == country) return true;
  }
  return false;
}

// Weight classes: up to so many grams; above the last, each further kilogram costs the same.
constexpr int64_t kClassGrams[] = {500, 1'000, 2'000, 5'000, 10'000, 20'000, 30'000};
constexpr size_t kClasses = std::size(kClassGrams);
constexpr int64_t kStandardCents[4][kClasses] = {
    {390, 490, 590, 690, 990, 1'690, 1'990},          // domestic
    {890, 1'090, 1'390, 1'690, 2'190, 3'390, 4'490},  // EU
    {1'290, 1'590, 1'990, 2'690, 3'890, 5'990, 7'990},
    {1'690, 2'190, 3'290, 4'990, 7'990, 12'990, 17'990},
};
constexpr int64_t kFurtherKilogramCents[4] = {70, 150, 280, 620};
constexpr int kStandardDays[4][2] = {{1, 3}, {3, 6}, {4, 9}, {7, 18}};
constexpr int kExpressDays[4][2] = {{1, 1}, {1, 2}, {2, 3}, {3, 5}};

}  // namespace

std::optional<Zone> zone_of(std::string_view country) {
  if (country.size() != 2 || !lists(kCountries, country)) return std::nullopt;
  if (country == "DE") return Zone::kDomestic;
  if (lists(kEu, country)) return Zone::kEu;
  return lists(kEurope, country) ? Zone::kEurope : Zone::kWorld;
}

std::string_view zone_name(Zone zone) {
  static constexpr std::string_view kNames[] = {"domestic", "eu", "europe", "world"};
  return kNames[static_cast<size_t>(zone)];
}

std::optional<Tariff> tariff(Zone zone, int64_t grams, Speed speed) {
  const auto row = static_cast<size_t>(zone);
  const auto* found = std::ranges::lower_bound(kClassGrams, grams);
  int64_t cents = 0;
  if (found != std::end(kClassGrams)) {
    cents = kStandardCents[row][found - kClassGrams];
  } else {
    if (speed == Speed::kExpress) return std::nullopt;
    const int64_t further_kilograms = (grams - kClassGrams[kClasses - 1] + 999) / 1000;
    cents = kStandardCents[row][kClasses - 1] + further_kilograms * kFurtherKilogramCents[row];
  }
  if (speed == Speed::kStandard) return Tariff{cents, kStandardDays[row][0], kStandardDays[row][1]};
  return Tariff{cents * 2 + 500, kExpressDays[row][0], kExpressDays[row][1]};
}

}  // namespace vcommerce::shipping
