#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Personal data and secrets in text: where they are, of which kind, and the text without them.
//
// Each kind has a candidate scan and a validator (Luhn and issuer ranges, mod 97 and country lengths, number ranges,
// key shapes, numbering plans); the words around decide what the shape alone cannot (order number or phone number,
// version or address). Disguises are undone before the scan (fullwidth digits, invisible characters, "at"/"dot",
// spelled or spaced digits) and the spans are given in the bytes of the text as it came in.
//
// Pure functions, any thread, linear time; any bytes are allowed. A text that several stages look at: pii_memory.h.
namespace godseye::guard {

enum class PiiType : uint8_t {
  kEmail,
  kPhone,
  kCreditCard,
  kIban,
  kUsSsn,
  kNationalId,
  kIpAddress,
  kAddress,
  kPassport,
  kApiKey,
  kDateOfBirth,
  kPerson,
};

// "EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "NATIONAL_ID", "IP_ADDRESS", "ADDRESS", "PASSPORT", "API_KEY",
// "DATE_OF_BIRTH", "PERSON".
std::string_view pii_type_name(PiiType type);

struct PiiEntity {
  PiiType type = PiiType::kEmail;
  size_t start = 0;       // first byte
  size_t end = 0;         // one past the last byte; both on UTF-8 boundaries of the input
  double confidence = 0;  // 0 to 1; entities below kPiiConfidenceMin are not reported
};

inline constexpr double kPiiConfidenceMin = 0.5;
inline constexpr size_t kPiiTextBytesMax = 16 * 1024 * 1024;  // bytes past this are not looked at
inline constexpr size_t kPiiEntitiesMax = 10'000;             // per text; the first ones are kept

// Entities by start, never overlapping.
std::vector<PiiEntity> find_pii(std::string_view text);

// `text` with each entity replaced by its type in brackets: "mail me at [EMAIL]". Text outside the entities is kept
// byte by byte. `entities` must be what `find_pii` returned for the same text.
std::string redact(std::string_view text, const std::vector<PiiEntity>& entities);

}  // namespace godseye::guard
