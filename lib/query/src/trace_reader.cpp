#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>
#include <charconv>

namespace godseye::query {
namespace {

std::string trace_condition(const TraceId& id) {
  std::string text = "trace_id_low = toUInt64(" + std::to_string(id.low) + ")";
  if (id.exact) text += " AND trace_id_high = toUInt64(" + std::to_string(id.high) + ")";
  return text;
}

// Reads the positions of all spans at once (24 bytes each), then piece by piece the spans.
class StoredTrace : public TraceReader {
 public:
  StoredTrace(store::Engine& engine, base::Clock clock, SpanLimits limits, std::vector<SpanPosition> positions,
              bool complete)
      : engine_(engine),
        clock_(std::move(clock)),
        limits_(limits),
        positions_(std::move(positions)),
        complete_(complete) {}

  base::Status next(std::vector<StoredSpan>& spans) override {
    spans.clear();
    while (spans.empty() && at_ < positions_.size()) {
      // The first piece is small, so that a page has something to show at once.
      const size_t step = at_ == 0 ? std::max<size_t>(1, limits_.trace_step / 16) : limits_.trace_step;
      const auto piece = std::span(positions_).subspan(at_, std::min(step, positions_.size() - at_));
      at_ += piece.size();
      SpanSource source(engine_, clock_, limits_);
      base::Result<std::vector<StoredSpan>> read = read_spans(source, piece);
      if (!read) return std::move(read).error();
      spans = *std::move(read);
      if (base::Status added = add_llm(source, spans, true); !added) return added;
    }
    return base::ok();
  }
  bool complete() const override { return complete_; }

 private:
  store::Engine& engine_;
  const base::Clock clock_;
  const SpanLimits limits_;
  const std::vector<SpanPosition> positions_;
  const bool complete_;
  size_t at_ = 0;
};

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

uint64_t number(std::string_view digits, int base) {
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return value;
}

}  // namespace

std::optional<TraceId> parse_trace_id(std::string_view text) {
  if (text.size() == 32 && is_hex(text)) {
    const TraceId id{.high = number(text.substr(0, 16), 16), .low = number(text.substr(16), 16), .exact = true};
    // Half of the client libraries pad a 64-bit id with zeros that the span does not have.
    return TraceId{.high = id.high, .low = id.low, .exact = id.high != 0};
  }
  uint64_t low = 0;
  const auto decimal = std::from_chars(text.data(), text.data() + text.size(), low);
  const bool is_decimal = decimal.ec == std::errc() && decimal.ptr == text.data() + text.size();
  // Sixteen digits are hexadecimal, also where they could be decimal: decimal ids are nearly always longer.
  if (text.size() == 16 && is_hex(text)) return TraceId{.low = number(text, 16)};
  if (is_decimal) return TraceId{.low = low};
  return std::nullopt;
}

std::string trace_id_text(uint64_t high, uint64_t low) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (size_t i = 0; i < 16; ++i) {
    text[15 - i] = kDigits[high >> (4 * i) & 15];
    text[31 - i] = kDigits[low >> (4 * i) & 15];
  }
  return text;
}

base::Result<std::unique_ptr<TraceReader>> open_trace(store::Engine& engine, const base::Clock& clock,
                                                      const SpanLimits& limits, const TraceId& id) {
  SpanSource source(engine, clock, limits);
  SqlParameters parameters;
  const std::string sql = "SELECT toInt64(toUnixTimestamp64Nano(start)), trace_id_low, span_id FROM spans WHERE " +
                          trace_condition(id) + " ORDER BY start, span_id LIMIT " +
                          std::to_string(limits.trace_spans_max + 1);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  if (rows->row_count() == 0) return base::Error(base::ErrorCode::kNotFound, "no span of this trace is stored");
  std::vector<SpanPosition> positions;
  const size_t count = std::min(rows->row_count(), limits.trace_spans_max);
  positions.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const SpanPosition position{
        .start_ns = rows->column(0).i64(i), .trace_id_low = rows->column(1).u64(i), .span_id = rows->column(2).u64(i)};
    // A call that came two ways has two rows in one place.
    if (positions.empty() || !(positions.back() == position)) positions.push_back(position);
  }
  return std::unique_ptr<TraceReader>(std::make_unique<StoredTrace>(engine, clock, limits, std::move(positions),
                                                                    rows->row_count() <= limits.trace_spans_max));
}

}  // namespace godseye::query
