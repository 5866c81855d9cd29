#pragma once

#include <span>
#include <string_view>

// Where the forms offer to send parcels. shippingservice has the last word.
namespace vcommerce::frontend {

struct Country {
  std::string_view code;
  std::string_view name;
};

inline constexpr Country kCountries[] = {
    {"AU", "Australia"},    {"AT", "Austria"},     {"BE", "Belgium"},        {"BR", "Brazil"},
    {"BG", "Bulgaria"},     {"CA", "Canada"},      {"CN", "China"},          {"HR", "Croatia"},
    {"CY", "Cyprus"},       {"CZ", "Czechia"},     {"DK", "Denmark"},        {"EE", "Estonia"},
    {"FI", "Finland"},      {"FR", "France"},      {"DE", "Germany"},        {"GR", "Greece"},
    {"HU", "Hungary"},      {"IS", "Iceland"},     {"IN", "India"},          {"IE", "Ireland"},
    {"IT", "Italy"},        {"JP", "Japan"},       {"LV", "Latvia"},         {"LT", "Lithuania"},
    {"LU", "Luxembourg"},   {"MT", "Malta"},       {"MX", "Mexico"},         {"NL", "Netherlands"},
    {"NZ", "New Zealand"},  {"NO", "Norway"},      {"PL", "Poland"},         {"PT", "Portugal"},
    {"RO", "Romania"},      {"SG", "Singapore"},   {"SK", "Slovakia"},       {"SI", "Slovenia"},
    {"ZA", "South Africa"}, {"KR", "South Korea"}, {"ES", "Spain"},          {"SE", "Sweden"},
    {"CH", "Switzerland"},  {"TR", "Turkey"},      {"GB", "United Kingdom"}, {"US", "United States"},
};

inline bool is_country(std::string_view code) {
  for (const Country& one : kCountries) {
    if (one.code == code) return true;
  }
  return false;
}

}  // namespace vcommerce::frontend
