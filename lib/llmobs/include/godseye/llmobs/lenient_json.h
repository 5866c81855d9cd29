#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// JSON and ids as clients really write them. Pure.
namespace godseye::llmobs {

// `json` with what parsers stumble over put right: NaN, Infinity and -Infinity (as Python writes them) become null,
// integers beyond 64 bits get a fraction, escapes of lone surrogates and bytes that are not UTF-8 become U+FFFD. What
// is broken otherwise stays broken. One pass; for texts that a parser has refused.
std::string repair_json(std::string_view json);

struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;
};
// 32 or 16 hexadecimal digits, or a decimal number of up to 128 bits; other texts are hashed to 64 bits. A text of 16
// or 32 digits is hexadecimal for trace ids. Empty: zeros.
TraceId parse_trace_id(std::string_view text);
// Decimal up to 64 bits, else 16 hexadecimal digits, else hashed; never 0 unless the text is empty or a zero.
uint64_t parse_span_id(std::string_view text);

}  // namespace godseye::llmobs
