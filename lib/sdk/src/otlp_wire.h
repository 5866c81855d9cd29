#pragma once

#include "trace_payload.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <godseye/protobuf/writer.h>
#include <godseye/sdk/settings.h>

// What the three signals of OTLP share: attributes, resources, and the envelope around spans, metrics and log records.
// Field numbers are those of opentelemetry-proto 1.x, which never change. Pure.
namespace godseye::sdk {

// One body of `POST /v1/<signal>`.
struct OtlpMessage {
  std::string body;
  size_t items = 0;  // spans, data points or log records
};

// A message is closed when it has grown past this; receivers take 20 MiB and more.
inline constexpr size_t kOtlpMessageBytes = 2 << 20;

// A string field. Receivers refuse a whole message for one byte that is not UTF-8: such bytes become U+FFFD.
void utf8_field(protobuf::Writer& out, uint32_t field, std::string_view text);

// Each a KeyValue. Whole numbers go as integers, but from `real_attribute`.
void text_attribute(protobuf::Writer& out, uint32_t field, std::string_view key, std::string_view value);
void number_attribute(protobuf::Writer& out, uint32_t field, std::string_view key, double value);
void real_attribute(protobuf::Writer& out, uint32_t field, std::string_view key, double value);
void list_attribute(protobuf::Writer& out, uint32_t field, std::string_view key, std::span<const std::string> values);
// `key:value`, as Datadog's tags are; one without a colon is true.
void tag_attribute(protobuf::Writer& out, uint32_t field, std::string_view tag);

// A trace or span id: big-endian, 16 or 8 bytes.
void trace_id_field(protobuf::Writer& out, uint32_t field, uint64_t high, uint64_t low);
void span_id_field(protobuf::Writer& out, uint32_t field, uint64_t id);

// The Resource message of this process as `service`.
std::string otlp_resource(const Settings& settings, const ProcessFacts& process, std::string_view service);

// Appends one resource with its items to a request. `items`: one after the other, each with its key (field 2).
void append_resource(protobuf::Writer& request, std::string_view resource, std::string_view items);

// How many items an answer says were refused for good.
uint64_t otlp_rejected(std::string_view answer);

}  // namespace godseye::sdk
