#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/ddapi/series.h>

// Points of the past, one a line, as `godseye import-history` sends them: JSON lines or CSV → what the intakes'
// decoders give. Pure. The formats are described in docs/formats/history.md.
//
//   {"metric":"shop.orders","timestamp":1700000000,"value":3,"type":"count","interval":60,"tags":["env:prod"]}
//
//   metric,timestamp,value,type,tags
//   shop.orders,2023-11-14T22:13:20Z,3,count,"env:prod,host:a"
//
// Other than in the intakes a line that is wrong spoils nothing but itself: it is named and counted. Limits:
// kHistoryBytesMax and kHistoryLinesMax of one body (kTooLarge), kHistoryLineBytesMax of one line, kHistoryValuesMax
// values in one. Blank lines count for the numbering and are nothing else.
namespace godseye::ddapi {

inline constexpr size_t kHistoryBytesMax = 8u << 20;
inline constexpr size_t kHistoryLinesMax = 20'000;
inline constexpr size_t kHistoryLineBytesMax = 65'536;
inline constexpr size_t kHistoryValuesMax = 10'000;
inline constexpr size_t kBadLinesMax = 100;  // named; all are counted

enum class HistoryFormat : uint8_t { kJsonLines, kCsv };

struct HistoryOptions {
  HistoryFormat format = HistoryFormat::kJsonLines;
  uint64_t first_line = 1;  // number of the first line in its file; of CSV, whose head comes again in each body, of the
                            // first line after it
  int64_t oldest_s = 0;     // points outside of these, Unix seconds, make a line a bad one
  int64_t newest_s = INT64_MAX;
};

struct BadLine {
  uint64_t line = 0;
  std::string text;  // "value: expected a number"
};

struct HistoryPart {
  MetricPayload payload;  // one element with one point for each good line
  uint64_t lines = 0;     // those that are not blank, without the head
  uint64_t bad = 0;
  std::vector<BadLine> bad_lines;
};

// kInvalidArgument: a CSV head without metric, timestamp or value, or with a name that it does not know or has twice.
base::Result<HistoryPart> decode_history(std::string_view body, const HistoryOptions& options);

}  // namespace godseye::ddapi
