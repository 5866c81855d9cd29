#include "span_blocks.h"

#include "json_text.h"
#include "native.h"
#include "span_codec.h"
#include "span_fields.h"
#include "word_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include <godseye/base/json_text.h>

namespace godseye::store {

namespace {

using signal::SpanBatch;

constexpr int64_t kNsPerDay = 86'400'000'000'000;
constexpr int64_t kMsPerDay = 86'400'000;
constexpr int64_t kDayMax = 49'709;  // the last whole day of DateTime, 2106

int64_t day_of_ns(int64_t time_ns) { return std::clamp(time_ns / kNsPerDay, int64_t{0}, kDayMax); }
int64_t day_of_ms(int64_t time_ms) { return std::clamp(time_ms / kMsPerDay, int64_t{0}, kDayMax); }

// The days to keep of those in `counts`: the fullest, of equals the latest.
std::vector<int64_t> kept_days(const std::map<int64_t, uint64_t>& counts) {
  std::vector<std::pair<uint64_t, int64_t>> by_count;
  for (const auto& [day, count] : counts) by_count.emplace_back(count, day);
  std::sort(by_count.rbegin(), by_count.rend());
  by_count.resize(std::min(by_count.size(), kDaysPerSegmentMax));
  std::vector<int64_t> days;
  for (const auto& [count, day] : by_count) days.push_back(day);
  std::sort(days.begin(), days.end());
  return days;
}

// `time` moved into the nearest of `days`; the same when it lies in one of them.
int64_t moved(int64_t time, int64_t per_day, const std::vector<int64_t>& days) {
  const int64_t day = std::clamp(time / per_day, int64_t{0}, kDayMax);
  const auto after = std::lower_bound(days.begin(), days.end(), day);
  const bool later = after != days.end() && (after == days.begin() || *after - day <= day - *(after - 1));
  const int64_t kept = later ? *after : *(after - 1);
  return std::clamp(time, kept * per_day, (kept + 1) * per_day - 1);
}

}  // namespace

uint64_t fold_days(SegmentContents& contents) {
  std::map<int64_t, uint64_t> counts;
  for (const SpanBatch& batch : contents.spans) {
    for (const Span& span : batch.spans) ++counts[day_of_ns(span.start_ns)];
    for (const LlmEvaluation& evaluation : batch.evaluations) ++counts[day_of_ms(evaluation.time_ms)];
  }
  if (counts.empty()) return 0;
  const std::vector<int64_t> days = kept_days(counts);
  uint64_t folded = 0;
  for (SpanBatch& batch : contents.spans) {
    for (Span& span : batch.spans) {
      const int64_t start = moved(span.start_ns, kNsPerDay, days);
      if (start == span.start_ns) continue;
      span.start_ns = start;
      span.flags |= signal::kSpanTimesClamped;
      ++folded;
    }
    for (LlmEvaluation& evaluation : batch.evaluations) {
      const int64_t time = moved(evaluation.time_ms, kMsPerDay, days);
      folded += time != evaluation.time_ms ? 1 : 0;
      evaluation.time_ms = time;
    }
  }
  return folded;
}

TextHash text_hash(std::string_view text) {
  constexpr uint64_t kSecondSeed = 0x9E3779B97F4A7C15ull;
  const uint64_t halves[2] = {base::hash64(text), base::hash64(text, kSecondSeed)};
  TextHash hash;
  std::memcpy(hash.data(), halves, sizeof halves);
  return hash;
}

namespace {

struct Row {
  const SpanBatch* batch;
  const Span* span;
  const LlmSpan& llm() const { return batch->llm[span->llm]; }
};
using RowsByDay = std::map<uint16_t, std::vector<Row>>;

struct Evaluation {
  const SpanBatch* batch;
  const LlmEvaluation* evaluation;
};

// Builds one block and remembers the names of its columns. `R` is the type of a row.
template <typename R>
class TableBlock {
 public:
  TableBlock(std::string table, size_t columns, const std::vector<R>& rows)
      : rows_(rows), block_(columns, rows.size()), out_{std::move(table), {}, {}, {}} {}

  template <typename T, typename Get>
  void numbers(const char* name, const char* type, Get get) {
    out_.columns.emplace_back(name);
    std::vector<T> values(rows_.size());
    std::transform(rows_.begin(), rows_.end(), values.begin(), get);
    block_.numbers<T>(name, type, values);
  }
  // What is not finite becomes "not said": a sum must survive it.
  template <typename Get>
  void doubles(const char* name, Get get) {
    numbers<double>(name, "Float64", [&](const R& row) {
      const double value = get(row);
      return std::isfinite(value) ? value : signal::kNoScore;
    });
  }
  template <typename Get>
  void texts(const char* name, Get get) {
    out_.columns.emplace_back(name);
    block_.texts(name, rows_.size(), [&](size_t i) -> std::string_view { return get(rows_[i]); });
  }
  template <typename Get>
  void words(const char* name, Get get) {
    out_.columns.emplace_back(name);
    WordTable table;
    std::vector<uint32_t> numbers;
    numbers.reserve(rows_.size());
    std::string_view last;
    uint32_t last_number = 0;
    for (const R& row : rows_) {
      const std::string_view word = get(row);
      if (word.data() != last.data() || word.size() != last.size()) {  // neighbours mostly share their texts
        last = word;
        last_number = table.number(word);
      }
      numbers.push_back(last_number);
    }
    block_.low_cardinality(name, table, numbers);
  }
  // Array(LowCardinality(String)) from a JSON array of texts.
  template <typename Get>
  void tags(const char* name, Get get) {
    std::vector<std::vector<std::string>> tags(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) {
      const std::string_view json = get(rows_[i]);
      // Kept visible as one tag when it is none: nothing is dropped silently.
      if (!json.empty() && !parse_json_strings(json, tags[i])) tags[i].assign(1, std::string(json.substr(0, 200)));
    }
    word_arrays(name, [&](size_t i, const auto& add) {
      for (const std::string& tag : tags[i]) add(tag);
    });
  }
  // Array(LowCardinality(String)); `each(row index, add)` calls add(text) for the row's elements.
  template <typename Each>
  void word_arrays(const char* name, Each each) {
    out_.columns.emplace_back(name);
    WordTable table;
    std::vector<uint32_t> numbers;
    std::vector<uint64_t> ends;
    for (size_t i = 0; i < rows_.size(); ++i) {
      each(i, [&](std::string_view text) { numbers.push_back(table.number(text)); });
      ends.push_back(numbers.size());
    }
    block_.low_cardinality_arrays(name, "Array(LowCardinality(String))", ends, table, numbers);
  }
  // For columns that need the format itself.
  NativeBlock& raw(const char* name) {
    out_.columns.emplace_back(name);
    return block_;
  }
  const std::vector<R>& rows() const { return rows_; }
  InsertBlock take() {
    out_.native = block_.take();
    return std::move(out_);
  }

 private:
  const std::vector<R>& rows_;
  NativeBlock block_;
  InsertBlock out_;
};
using SpanTable = TableBlock<Row>;

// What spans and llm_spans share.
constexpr size_t kIdentityColumns = 9;
void add_identity(SpanTable& table) {
  table.numbers<int64_t>("start", "DateTime64(9, 'UTC')", [](const Row& row) { return row.span->start_ns; });
  table.numbers<int64_t>("duration_ns", "Int64", [](const Row& row) { return row.span->duration_ns; });
  table.numbers<uint64_t>("trace_id_high", "UInt64", [](const Row& row) { return row.span->trace_id_high; });
  table.numbers<uint64_t>("trace_id_low", "UInt64", [](const Row& row) { return row.span->trace_id_low; });
  table.numbers<uint64_t>("span_id", "UInt64", [](const Row& row) { return row.span->span_id; });
  table.numbers<uint64_t>("parent_id", "UInt64", [](const Row& row) { return row.span->parent_id; });
  table.numbers<uint8_t>("error", "UInt8", [](const Row& row) { return row.span->error; });
  table.numbers<uint16_t>("flags", "UInt16", [](const Row& row) { return row.span->flags; });
  table.numbers<uint8_t>("source", "UInt8", [](const Row& row) { return static_cast<uint8_t>(row.span->source); });
}

auto text_of(Text Span::* field) {
  return [field](const Row& row) { return row.batch->view(row.span->*field); };
}

void add_meta(SpanTable& table) {
  const std::vector<Row>& rows = table.rows();
  NativeBlock& block = table.raw("meta");
  WordTable keys;
  std::vector<uint32_t> numbers;
  std::vector<uint64_t> ends;
  ends.reserve(rows.size());
  for (const Row& row : rows) {
    for (uint32_t i = row.span->meta.begin; i < row.span->meta.end; ++i) {
      numbers.push_back(keys.number(row.batch->view(row.batch->meta[i].key)));
    }
    ends.push_back(numbers.size());
  }
  block.low_cardinality_arrays("meta", "Map(LowCardinality(String), String)", ends, keys, numbers);
  for (const Row& row : rows) {
    for (uint32_t i = row.span->meta.begin; i < row.span->meta.end; ++i) {
      block.string(row.batch->view(row.batch->meta[i].value));
    }
  }
}

void add_metrics(SpanTable& table) {
  NativeBlock& block = table.raw("metrics");
  WordTable keys;
  std::vector<uint32_t> numbers;
  std::vector<double> values;
  std::vector<uint64_t> ends;
  ends.reserve(table.rows().size());
  for (const Row& row : table.rows()) {
    for (uint32_t i = row.span->metrics.begin; i < row.span->metrics.end; ++i) {
      const signal::NumberAttribute& metric = row.batch->metrics[i];
      if (!std::isfinite(metric.value)) continue;
      numbers.push_back(keys.number(row.batch->view(metric.key)));
      values.push_back(metric.value);
    }
    ends.push_back(numbers.size());
  }
  block.low_cardinality_arrays("metrics", "Map(LowCardinality(String), Float64)", ends, keys, numbers);
  block.raw(std::span<const double>(values));
}

void put_object(std::string& json, std::string_view attributes) {
  json.append(",\"attributes\":").append(attributes.empty() ? "{}" : attributes).append("}");
}

std::string links_json(const Row& row) {
  std::string json;
  for (uint32_t i = row.span->links.begin; i < row.span->links.end; ++i) {
    const signal::SpanLink& link = row.batch->links[i];
    char ids[128];  // 112 characters at most: 32 hexadecimal and up to 20 and 10 decimal digits
    std::snprintf(ids, sizeof ids, "{\"trace_id\":\"%016llx%016llx\",\"span_id\":\"%llu\",\"flags\":%u,\"tracestate\":",
                  static_cast<unsigned long long>(link.trace_id_high),
                  static_cast<unsigned long long>(link.trace_id_low), static_cast<unsigned long long>(link.span_id),
                  link.flags);
    json.append(json.empty() ? "[" : ",").append(ids);
    base::append_json_string(row.batch->view(link.tracestate), json);
    put_object(json, row.batch->view(link.attributes));
  }
  return json.empty() ? json : json + "]";
}

std::string events_json(const Row& row) {
  std::string json;
  for (uint32_t i = row.span->events.begin; i < row.span->events.end; ++i) {
    const signal::SpanEvent& event = row.batch->events[i];
    json.append(json.empty() ? "[" : ",").append("{\"time_ns\":").append(std::to_string(event.time_ns));
    json.append(",\"name\":");
    base::append_json_string(row.batch->view(event.name), json);
    put_object(json, row.batch->view(event.attributes));
  }
  return json.empty() ? json : json + "]";
}

// A column of texts that are made here; most rows have none.
template <typename Make>
void add_made_texts(SpanTable& table, const char* name, Make make) {
  std::string text;
  table.texts(name, [&](const Row& row) -> std::string_view {
    text = make(row);
    return text;
  });
}

InsertBlock spans_block(const std::vector<Row>& rows, uint64_t segment) {
  SpanTable table("spans", kIdentityColumns + 16, rows);
  add_identity(table);
  table.words("service", text_of(&Span::service));
  table.words("name", text_of(&Span::name));
  table.words("resource", text_of(&Span::resource));
  table.words("type", text_of(&Span::type));
  table.words("env", text_of(&Span::env));
  table.words("version", text_of(&Span::version));
  table.words("host", text_of(&Span::host));
  table.texts("session_id", text_of(&Span::session_id));
  table.texts("user_id", text_of(&Span::user_id));
  table.numbers<uint64_t>("error_fingerprint", "UInt64", [](const Row& row) { return row.span->error_fingerprint; });
  add_meta(table);
  add_metrics(table);
  add_made_texts(table, "links", links_json);
  add_made_texts(table, "events", events_json);
  table.numbers<uint8_t>("is_llm", "UInt8",
                         [](const Row& row) { return static_cast<uint8_t>(row.span->llm != signal::kNoLlm); });
  table.numbers<uint64_t>("segment", "UInt64", [&](const Row&) { return segment; });
  return table.take();
}

struct LlmText {
  const char* column;
  Text LlmSpan::* field;
};
// May be large: stored as String and, past kTextInlineMax, in `texts`.
constexpr std::array<LlmText, 9> kLargeTexts = {{{"prompt", &LlmSpan::prompt},
                                                 {"input", &LlmSpan::input},
                                                 {"output", &LlmSpan::output},
                                                 {"expected_output", &LlmSpan::expected_output},
                                                 {"metadata", &LlmSpan::metadata},
                                                 {"tool_definitions", &LlmSpan::tool_definitions},
                                                 {"error_message", &LlmSpan::error_message},
                                                 {"error_stack", &LlmSpan::error_stack},
                                                 {"reasons", &LlmSpan::reasons}}};
constexpr std::array<LlmText, 4> kIdTexts = {{{"parent_id_text", &LlmSpan::parent_id},
                                              {"llm_trace_id", &LlmSpan::llm_trace_id},
                                              {"prompt_id", &LlmSpan::prompt_id},
                                              {"call_id", &LlmSpan::call_id}}};
constexpr std::array<LlmText, 7> kWordTexts = {{{"ml_app", &LlmSpan::ml_app},
                                                {"model_name", &LlmSpan::model_name},
                                                {"response_model", &LlmSpan::response_model},
                                                {"model_provider", &LlmSpan::model_provider},
                                                {"error_type", &LlmSpan::error_type},
                                                {"finish_reason", &LlmSpan::finish_reason},
                                                {"price", &LlmSpan::price}}};
static_assert(kLargeTexts.size() + kIdTexts.size() + kWordTexts.size() + 1 == kLlmTexts.size());  // 1: tags

constexpr std::array<const char*, kLlmTokens.size()> kTokenColumns = {
    "input_tokens",       "output_tokens",         "total_tokens",    "cache_read_tokens",
    "cache_write_tokens", "cache_write_1h_tokens", "reasoning_tokens"};
constexpr std::array<const char*, kLlmNumbers.size()> kNumberColumns = {
    "time_to_first_token_s", "reported_cost_usd", "cost_usd",       "input_cost_usd",   "output_cost_usd",
    "injection_score",       "quality_score",     "toxicity_score", "similarity_score", "ungrounded"};
constexpr std::array<const char*, kLlmCounts.size()> kCountColumns = {"pii_count", "recommended_products",
                                                                      "invalid_products"};

std::string_view text_prefix(std::string_view text) {
  if (text.size() <= kTextInlineMax) return text;
  size_t end = kTextPrefixBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

InsertBlock llm_block(const std::vector<Row>& rows, uint64_t segment) {
  SpanTable table("llm_spans",
                  kIdentityColumns + 10 + kLargeTexts.size() + kIdTexts.size() + kWordTexts.size() +
                      kTokenColumns.size() + kNumberColumns.size() + kCountColumns.size() + 3,
                  rows);
  add_identity(table);
  table.words("service", text_of(&Span::service));
  table.words("name", text_of(&Span::name));
  table.words("resource", text_of(&Span::resource));
  table.words("env", text_of(&Span::env));
  table.words("version", text_of(&Span::version));
  table.texts("session_id", text_of(&Span::session_id));
  table.texts("user_id", text_of(&Span::user_id));
  table.words("kind", [](const Row& row) { return signal::llm_kind_name(row.llm().kind); });
  table.numbers<uint8_t>("scored_by", "UInt8",
                         [](const Row& row) { return static_cast<uint8_t>(row.llm().scored_by); });
  table.tags("tags", [](const Row& row) { return row.batch->view(row.llm().tags); });
  const auto of = [](Text LlmSpan::* field) {
    return [field](const Row& row) { return row.batch->view(row.llm().*field); };
  };
  for (const LlmText& text : kWordTexts) table.words(text.column, of(text.field));
  for (const LlmText& text : kIdTexts) table.texts(text.column, of(text.field));
  for (const LlmText& text : kLargeTexts) {
    table.texts(text.column, [&](const Row& row) { return text_prefix(row.batch->view(row.llm().*text.field)); });
  }
  for (size_t i = 0; i < kTokenColumns.size(); ++i) {
    table.numbers<int64_t>(kTokenColumns[i], "Int64", [i](const Row& row) { return row.llm().*kLlmTokens[i]; });
  }
  for (size_t i = 0; i < kNumberColumns.size(); ++i) {
    table.doubles(kNumberColumns[i], [i](const Row& row) { return row.llm().*kLlmNumbers[i]; });
  }
  for (size_t i = 0; i < kCountColumns.size(); ++i) {
    table.numbers<int32_t>(kCountColumns[i], "Int32", [i](const Row& row) { return row.llm().*kLlmCounts[i]; });
  }
  std::vector<uint64_t> ends;
  std::string hashes;
  table.word_arrays("large_fields", [&](size_t i, const auto& add) {
    for (const LlmText& text : kLargeTexts) {
      const std::string_view value = rows[i].batch->view(rows[i].llm().*text.field);
      if (value.size() <= kTextInlineMax) continue;
      add(text.column);
      const TextHash hash = text_hash(value);
      hashes.append(hash.data(), hash.size());
    }
    ends.push_back(hashes.size() / sizeof(TextHash));
  });
  table.raw("large_hashes").arrays<char>("large_hashes", "Array(FixedString(16))", ends, std::span<const char>(hashes));
  table.numbers<uint64_t>("segment", "UInt64", [&](const Row&) { return segment; });
  return table.take();
}

struct LargeText {
  TextHash hash;
  std::string_view text;
};

// The texts of `rows` that are not stored yet, each once.
std::vector<LargeText> new_texts(const std::vector<Row>& rows, uint16_t day, const TextRegister& stored) {
  std::map<TextHash, std::string_view> found;  // ordered: the same segment makes the same block
  for (const Row& row : rows) {
    for (const LlmText& text : kLargeTexts) {
      const std::string_view value = row.batch->view(row.llm().*text.field);
      if (value.size() > kTextInlineMax) found.emplace(text_hash(value), value);
    }
  }
  std::vector<LargeText> texts;
  for (const auto& [hash, text] : found) {
    if (!stored.known(hash, day)) texts.push_back({hash, text});
  }
  return texts;
}

InsertBlock texts_block(const std::vector<LargeText>& rows, uint16_t day) {
  TableBlock<LargeText> table("texts", 4, rows);
  table.numbers<uint16_t>("day", "Date", [&](const LargeText&) { return day; });
  NativeBlock& block = table.raw("hash");
  block.head("hash", "FixedString(16)");
  for (const LargeText& row : rows) block.raw(std::span<const char>(row.hash));
  table.numbers<uint64_t>("size", "UInt64", [](const LargeText& row) { return row.text.size(); });
  table.texts("text", [](const LargeText& row) { return row.text; });
  return table.take();
}

InsertBlock evaluations_block(const std::vector<Evaluation>& rows, uint64_t segment) {
  TableBlock<Evaluation> table("evaluations", 16, rows);
  const auto of = [](Text LlmEvaluation::* field) {
    return [field](const Evaluation& row) { return row.batch->view(row.evaluation->*field); };
  };
  table.numbers<int64_t>("time", "DateTime64(3, 'UTC')", [](const Evaluation& row) { return row.evaluation->time_ms; });
  table.words("label", of(&LlmEvaluation::label));
  table.words("ml_app", of(&LlmEvaluation::ml_app));
  table.words("metric_type", of(&LlmEvaluation::metric_type));
  table.doubles("score", [](const Evaluation& row) { return row.evaluation->score; });
  table.texts("value", of(&LlmEvaluation::value));
  table.texts("span_id", of(&LlmEvaluation::span_id));
  table.texts("trace_id", of(&LlmEvaluation::trace_id));
  table.words("join_key", of(&LlmEvaluation::join_key));
  table.texts("join_value", of(&LlmEvaluation::join_value));
  table.words("assessment", of(&LlmEvaluation::assessment));
  table.texts("reasoning", of(&LlmEvaluation::reasoning));
  table.tags("tags", of(&LlmEvaluation::tags));
  table.texts("metadata", of(&LlmEvaluation::metadata));
  table.words("event_kind", of(&LlmEvaluation::event_kind));
  table.numbers<uint64_t>("segment", "UInt64", [&](const Evaluation&) { return segment; });
  return table.take();
}

// Pieces of `rows`, each of about kBlockBytesMax by `bytes_of`; the last may be smaller, and a row alone larger.
template <typename R, typename BytesOf>
std::vector<std::vector<R>> pieces(const std::vector<R>& rows, BytesOf bytes_of) {
  std::vector<std::vector<R>> out;
  size_t bytes = kBlockBytesMax + 1;
  for (const R& row : rows) {
    const size_t more = bytes_of(row);
    if (bytes + more > kBlockBytesMax) {
      out.emplace_back();
      bytes = 0;
    }
    out.back().push_back(row);
    bytes += more;
  }
  return out;
}

size_t span_row_bytes(const Row& row) {
  return SpanEncoder(*row.batch).span_bytes(static_cast<size_t>(row.span - row.batch->spans.data()));
}

// The columns of an LLM row, whose large texts are elsewhere.
size_t llm_row_bytes(const Row& row) {
  constexpr size_t kFixedBytes = 400;
  size_t bytes = kFixedBytes;
  for (const auto field : kLlmTexts) bytes += std::min<size_t>((row.llm().*field).size, kTextInlineMax);
  return bytes;
}

}  // namespace

std::string part_name(std::string_view segment_name, uint32_t part) {
  std::string name(segment_name);
  return part == 0 ? name : name + "+" + std::to_string(part);
}

uint64_t segment_number(std::string_view name) { return base::hash64(name); }

SpanBlocks build_span_blocks(std::string_view segment_name, const SegmentContents& contents,
                             const TextRegister& stored) {
  RowsByDay spans;
  RowsByDay llm;
  std::map<uint16_t, std::vector<Evaluation>> evaluations;
  SpanBlocks out;
  for (const SpanBatch& batch : contents.spans) {
    out.spans += batch.spans.size();
    out.evaluations += batch.evaluations.size();
    for (const Span& span : batch.spans) {
      const auto day = static_cast<uint16_t>(day_of_ns(span.start_ns));
      spans[day].push_back({&batch, &span});
      if (span.llm != signal::kNoLlm) llm[day].push_back({&batch, &span});
    }
    for (const LlmEvaluation& evaluation : batch.evaluations) {
      evaluations[static_cast<uint16_t>(day_of_ms(evaluation.time_ms))].push_back({&batch, &evaluation});
    }
  }
  // `make(rows, number)` builds the block of one piece.
  const auto add = [&](uint16_t day, const auto& of_day, const auto& make) {
    for (uint32_t part = 0; part < of_day.size(); ++part) {
      out.blocks.push_back(make(of_day[part], segment_number(part_name(segment_name, part))));
      out.days.push_back(day);
      out.parts.push_back(part);
    }
  };
  for (const auto& [day, rows] : llm) {
    const std::vector<LargeText> texts = new_texts(rows, day, stored);
    for (const LargeText& text : texts) out.text_hashes.emplace_back(text.hash, day);
    add(day, pieces(texts, [](const LargeText& text) { return text.text.size(); }),
        [d = day](const auto& piece, uint64_t) { return texts_block(piece, d); });
  }
  for (const auto& [day, rows] : spans) add(day, pieces(rows, span_row_bytes), spans_block);
  for (const auto& [day, rows] : llm) add(day, pieces(rows, llm_row_bytes), llm_block);
  for (const auto& [day, rows] : evaluations) {
    add(day,
        pieces(rows,
               [](const Evaluation& row) {
                 const auto index = static_cast<size_t>(row.evaluation - row.batch->evaluations.data());
                 return SpanEncoder(*row.batch).evaluation_bytes(index);
               }),
        evaluations_block);
  }
  return out;
}

}  // namespace godseye::store
