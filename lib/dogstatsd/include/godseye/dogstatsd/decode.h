#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/dogstatsd/message.h>

// DogStatsD packets to messages: protocol 1.0 to 1.6, decoded as the Agent does (spec dogstatsd.md 2 to 5). A packet is
// lines separated by LF; a bad line is reported with its reason and its neighbours are not touched. Any bytes are
// allowed. Pure: no clock, no socket; no allocation once the decoder has seen its longest list of packed values.
//
//   struct Visitor {
//     void on_metric(const MetricMessage&);
//     void on_event(const EventMessage&);
//     void on_service_check(const ServiceCheckMessage&);
//     void on_drop(DropReason, std::string_view line);
//   };
//   decoder.decode(packet, visitor);
//
// Not thread-safe: one decoder a thread. Decoding nests no calls: a visitor must not call the same decoder.
namespace godseye::dogstatsd {

// The Agent's read buffer, and so the longest packet clients make; a longer one was cut by whoever received it.
inline constexpr size_t kPacketBytesMax = 8192;

enum class DropReason : uint8_t {
  kNone = 0,
  kNoType,          // a metric without `|`
  kNoValue,         // no `:`, or nothing but empty values after it
  kNoName,          // nothing before the first `:`
  kUnknownType,     // the type is not one of c g ms h s d
  kBadValue,        // a value that is no number; the whole line goes
  kBadRate,         // `@` without a number
  kBadTimestamp,    // `T` without a whole number of at least 1
  kBadEventHeader,  // `_e{` without two lengths, or a title length of 0
  kShortEvent,      // the text ends before the lengths say
  kBadCheck,        // `_sc` without name and status
  kBadCheckStatus,  // a status other than 0 to 3
  kUnterminated,    // the last line lacks its LF, and the decoder was told to insist
};
inline constexpr size_t kDropReasonCount = 13;

// Stable snake_case name: "bad_value". Used in counters.
std::string_view drop_reason_name(DropReason reason);

// What Go's ParseFloat takes: decimal and hexadecimal (`0x1p-2`) numbers with an optional sign, `_` between digits,
// inf, infinity and nan in any case. False for anything else, and for what is too large for a double.
bool parse_number(std::string_view text, double& value);

// Title and text of events are sent with `\n` (two characters) for a line feed. Appends `escaped` to `out` with line
// feeds put back.
void unescape_newlines(std::string_view escaped, std::string& out);

class Decoder {
 public:
  // `insist_on_final_newline`: drop a last line without LF (the Agent's option for each transport; off by default).
  explicit Decoder(bool insist_on_final_newline = false) : insist_(insist_on_final_newline) {}

  template <typename Visitor>
  void decode(std::string_view packet, Visitor& visitor) {
    while (!packet.empty()) {
      const size_t end = packet.find('\n');
      const bool last = end == std::string_view::npos;
      std::string_view line = packet.substr(0, end);
      packet.remove_prefix(last ? packet.size() : end + 1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty()) continue;
      if (last && insist_) {
        visitor.on_drop(DropReason::kUnterminated, line);
        continue;
      }
      decode_line(line, visitor);
    }
  }

 private:
  template <typename Visitor>
  void decode_line(std::string_view line, Visitor& visitor) {
    DropReason reason;
    if (line[0] != '_') [[likely]] {
      MetricMessage metric;
      reason = decode_metric(line, metric);
      if (reason == DropReason::kNone) return visitor.on_metric(metric);
    } else if (line.starts_with("_e{")) {
      EventMessage event;
      reason = decode_event(line, event);
      if (reason == DropReason::kNone) return visitor.on_event(event);
    } else if (line.starts_with("_sc")) {
      ServiceCheckMessage check;
      reason = decode_service_check(line, check);
      if (reason == DropReason::kNone) return visitor.on_service_check(check);
    } else {
      MetricMessage metric;
      reason = decode_metric(line, metric);
      if (reason == DropReason::kNone) return visitor.on_metric(metric);
    }
    visitor.on_drop(reason, line);
  }

  DropReason decode_metric(std::string_view line, MetricMessage& metric);
  DropReason decode_values(std::string_view field, MetricMessage& metric);
  DropReason decode_packed_values(std::string_view field, MetricMessage& metric);
  static DropReason decode_event(std::string_view line, EventMessage& event);
  static DropReason decode_service_check(std::string_view line, ServiceCheckMessage& check);

  bool insist_;
  double value_ = 0;            // the usual case: one value
  std::vector<double> values_;  // packed values of the current line
};

}  // namespace godseye::dogstatsd
