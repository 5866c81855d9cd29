#include "event_blocks.h"

#include "native.h"
#include "word_table.h"

#include <algorithm>
#include <map>

namespace godseye::store {

namespace {

using signal::Event;
using signal::ServiceCheck;

constexpr int64_t kMsPerDay = 86'400'000;
constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kDayMax = 49'709;  // the last whole day of DateTime, 2106

template <typename Item>
using ItemsByDay = std::map<uint16_t, std::vector<const Item*>>;

int64_t bounded(int64_t time, int64_t per_day) { return std::clamp<int64_t>(time, 0, (kDayMax + 1) * per_day - 1); }

// Texts that repeat a lot: each distinct one once.
template <typename Item, typename Text>
void add_words(NativeBlock& block, std::string_view name, const std::vector<const Item*>& items, Text text) {
  WordTable words;
  std::vector<uint32_t> numbers;
  numbers.reserve(items.size());
  for (const Item* item : items) numbers.push_back(words.number(text(*item)));
  block.low_cardinality(name, words, numbers);
}

template <typename Item>
void add_tags(NativeBlock& block, const std::vector<const Item*>& items) {
  WordTable words;
  std::vector<uint64_t> ends;
  std::vector<uint32_t> numbers;
  for (const Item* item : items) {
    for (const std::string& tag : item->tags) numbers.push_back(words.number(tag));
    ends.push_back(numbers.size());
  }
  block.low_cardinality_arrays("tags", "Array(LowCardinality(String))", ends, words, numbers);
}

template <typename T, typename Item, typename Get>
void add_numbers(NativeBlock& block, std::string_view name, std::string_view type,
                 const std::vector<const Item*>& items, Get get) {
  std::vector<T> values;
  values.reserve(items.size());
  for (const Item* item : items) values.push_back(get(*item));
  block.numbers<T>(name, type, values);
}

void add_values(NativeBlock& block, const std::vector<const Event*>& events) {
  WordTable words;
  std::vector<uint64_t> ends;
  std::vector<uint32_t> numbers;
  std::vector<double> values;
  for (const Event* event : events) {
    for (const auto& [name, value] : event->values) {
      numbers.push_back(words.number(name));
      values.push_back(value);
    }
    ends.push_back(numbers.size());
  }
  block.low_cardinality_arrays("values", "Map(LowCardinality(String), Float64)", ends, words, numbers);
  block.raw(std::span<const double>(values));
}

InsertBlock events_block(const std::vector<const Event*>& events, uint64_t segment) {
  NativeBlock block(15, events.size());
  const size_t rows = events.size();
  add_numbers<int64_t>(block, "time", "DateTime64(3, 'UTC')", events,
                       [](const Event& e) { return bounded(e.time_ms, kMsPerDay); });
  add_numbers<uint64_t>(block, "id", "UInt64", events, [](const Event& e) { return e.id; });
  block.texts("title", rows, [&](size_t i) -> std::string_view { return events[i]->title; });
  block.texts("text", rows, [&](size_t i) -> std::string_view { return events[i]->text; });
  add_words(block, "alert_type", events, [](const Event& e) { return signal::alert_type_name(e.alert_type); });
  add_numbers<uint8_t>(block, "low_priority", "UInt8", events, [](const Event& e) { return e.low_priority ? 1 : 0; });
  add_words(block, "source", events, [](const Event& e) -> std::string_view { return e.source; });
  block.texts("aggregation_key", rows, [&](size_t i) -> std::string_view { return events[i]->aggregation_key; });
  add_words(block, "host", events, [](const Event& e) -> std::string_view { return e.host; });
  add_tags(block, events);
  for (size_t key = 0; key < signal::kAttributionKeyCount - 1; ++key) {
    block.texts(signal::kAttributionKeyNames[key], rows,
                [&](size_t i) -> std::string_view { return events[i]->attribution.values[key]; });
  }
  add_values(block, events);
  add_numbers<uint64_t>(block, "segment", "UInt64", events, [&](const Event&) { return segment; });
  return {"events",
          {"time", "id", "title", "text", "alert_type", "low_priority", "source", "aggregation_key", "host", "tags",
           "session_id", "user_id", "trace_id", "values", "segment"},
          block.take(),
          {}};
}

InsertBlock checks_block(const std::vector<const ServiceCheck*>& checks, uint64_t segment) {
  NativeBlock block(7, checks.size());
  add_numbers<uint32_t>(block, "time", "DateTime('UTC')", checks,
                        [](const ServiceCheck& c) { return static_cast<uint32_t>(bounded(c.time_s, kSecondsPerDay)); });
  add_words(block, "check", checks, [](const ServiceCheck& c) -> std::string_view { return c.check; });
  add_numbers<uint8_t>(block, "status", "UInt8", checks,
                       [](const ServiceCheck& c) { return static_cast<uint8_t>(c.status); });
  add_words(block, "host", checks, [](const ServiceCheck& c) -> std::string_view { return c.host; });
  block.texts("message", checks.size(), [&](size_t i) -> std::string_view { return checks[i]->message; });
  add_tags(block, checks);
  add_numbers<uint64_t>(block, "segment", "UInt64", checks, [&](const ServiceCheck&) { return segment; });
  return {"checks", {"time", "check", "status", "host", "message", "tags", "segment"}, block.take(), {}};
}

}  // namespace

EventBlocks build_event_blocks(uint64_t segment, const SegmentContents& contents) {
  ItemsByDay<Event> events;
  ItemsByDay<ServiceCheck> checks;
  for (const signal::EventBatch& batch : contents.events) {
    for (const Event& event : batch.events) {
      events[static_cast<uint16_t>(bounded(event.time_ms, kMsPerDay) / kMsPerDay)].push_back(&event);
    }
    for (const ServiceCheck& check : batch.checks) {
      checks[static_cast<uint16_t>(bounded(check.time_s, kSecondsPerDay) / kSecondsPerDay)].push_back(&check);
    }
  }
  EventBlocks out;
  for (const auto& [day, rows] : events) {
    out.events += rows.size();
    out.blocks.push_back(events_block(rows, segment));
    out.days.push_back(day);
  }
  for (const auto& [day, rows] : checks) {
    out.checks += rows.size();
    out.blocks.push_back(checks_block(rows, segment));
    out.days.push_back(day);
  }
  return out;
}

}  // namespace godseye::store
