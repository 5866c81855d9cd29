#include "event_codec.h"

#include "bytes.h"

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using signal::Event;
using signal::EventBatch;
using signal::ServiceCheck;

namespace {

constexpr uint8_t kVersion = 1;
// The smallest encodings, which bound what a count can claim.
constexpr size_t kEventBytesMin = 8 + 1 + 1 + 5 + 1 + signal::kAttributionKeyCount + 1;
constexpr size_t kCheckBytesMin = 1 + 1 + 3 + 1;
constexpr size_t kValueBytesMin = 9;

void put_tags(std::string& out, const std::vector<std::string>& tags) {
  put_varint(out, tags.size());
  for (const std::string& tag : tags) put_string(out, tag);
}

std::vector<std::string> read_tags(ByteReader& in) {
  std::vector<std::string> tags(in.count(1));
  for (std::string& tag : tags) tag = in.string();
  return tags;
}

void put_event(std::string& out, const Event& event) {
  put_raw(out, event.id);
  put_signed(out, event.time_ms);
  put_raw(out, static_cast<uint8_t>(static_cast<uint8_t>(event.alert_type) << 1 | (event.low_priority ? 1 : 0)));
  for (const std::string* text : {&event.title, &event.text, &event.host, &event.source, &event.aggregation_key}) {
    put_string(out, *text);
  }
  put_tags(out, event.tags);
  for (const std::string& value : event.attribution.values) put_string(out, value);
  put_varint(out, event.values.size());
  for (const auto& [name, value] : event.values) {
    put_string(out, name);
    put_raw(out, value);
  }
}

Event read_event(ByteReader& in) {
  Event event;
  event.id = in.raw<uint64_t>();
  event.time_ms = in.signed_varint();
  const auto bits = in.raw<uint8_t>();
  if (bits >> 1 > static_cast<uint8_t>(signal::AlertType::kSnapshot)) in.fail();
  event.alert_type = static_cast<signal::AlertType>(in.failed() ? 0 : bits >> 1);
  event.low_priority = (bits & 1) != 0;
  for (std::string* text : {&event.title, &event.text, &event.host, &event.source, &event.aggregation_key}) {
    *text = in.string();
  }
  event.tags = read_tags(in);
  for (std::string& value : event.attribution.values) value = in.string();
  event.values.resize(in.count(kValueBytesMin));
  for (auto& [name, value] : event.values) {
    name = in.string();
    value = in.raw<double>();
  }
  return event;
}

void put_check(std::string& out, const ServiceCheck& check) {
  put_signed(out, check.time_s);
  put_raw(out, static_cast<uint8_t>(check.status));
  for (const std::string* text : {&check.check, &check.host, &check.message}) put_string(out, *text);
  put_tags(out, check.tags);
}

ServiceCheck read_check(ByteReader& in) {
  ServiceCheck check;
  check.time_s = in.signed_varint();
  const auto status = in.raw<uint8_t>();
  if (status > static_cast<uint8_t>(signal::CheckStatus::kUnknown)) in.fail();
  check.status = static_cast<signal::CheckStatus>(in.failed() ? 3 : status);
  for (std::string* text : {&check.check, &check.host, &check.message}) *text = in.string();
  check.tags = read_tags(in);
  return check;
}

}  // namespace

void encode_events(const EventBatch& batch, std::string& out) {
  put_raw(out, kVersion);
  put_varint(out, batch.events.size());
  for (const Event& event : batch.events) put_event(out, event);
  put_varint(out, batch.checks.size());
  for (const ServiceCheck& check : batch.checks) put_check(out, check);
}

Result<EventBatch> decode_events(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.raw<uint8_t>() != kVersion) return Error(ErrorCode::kCorrupt, "events of another version");
  EventBatch batch;
  const size_t events = in.count(kEventBytesMin);
  for (size_t i = 0; i < events && !in.failed(); ++i) batch.events.push_back(read_event(in));
  const size_t checks = in.count(kCheckBytesMin);
  for (size_t i = 0; i < checks && !in.failed(); ++i) batch.checks.push_back(read_check(in));
  if (in.failed() || !in.at_end()) return Error(ErrorCode::kCorrupt, "events are cut off or followed by something");
  return batch;
}

}  // namespace godseye::store
