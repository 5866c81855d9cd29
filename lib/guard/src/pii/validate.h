#pragma once

#include <cstddef>
#include <string_view>

// Is this number what it looks like? Pure checks on digits and letters without separators.
namespace godseye::guard::pii {

bool luhn(std::string_view digits);

// Card number of a known issuer, of a length that the issuer uses, with a right check digit.
bool is_card(std::string_view digits);

// `text` in upper case without separators: country, length of that country, mod 97.
bool is_iban(std::string_view text);
// Length of an IBAN of `country` (two capitals), 0 for unknown.
size_t iban_length(std::string_view country);

// Nine digits, in a range that is or was given out.
bool is_us_ssn(std::string_view digits);

bool is_spanish_id(std::string_view text);      // DNI or NIE with its letter
bool is_italian_id(std::string_view text);      // codice fiscale with its check letter
bool is_brazilian_id(std::string_view digits);  // CPF
bool is_french_id(std::string_view digits);     // NIR, 15 digits
bool is_polish_id(std::string_view digits);     // PESEL
bool is_dutch_id(std::string_view digits);      // BSN
bool is_british_id(std::string_view text);      // National Insurance number

// Length of the country calling code at the start of `digits` (1 to 3), 0 if there is none.
size_t calling_code_length(std::string_view digits);

// At least `distinct_min` different characters: keeps xxxxxxxx and 00000000 out.
bool is_varied(std::string_view text, size_t distinct_min);

}  // namespace godseye::guard::pii
