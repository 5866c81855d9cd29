#include "otlp_wire.h"

#include <cmath>
#include <cstring>

#include <godseye/base/json_text.h>
#include <godseye/protobuf/reader.h>

namespace godseye::sdk {
namespace {

using protobuf::Writer;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Fields of AnyValue.
constexpr uint32_t kString = 1, kBool = 2, kInteger = 3, kDouble = 4, kArray = 5;

void pair(Writer& out, uint32_t field, std::string_view key, const Writer& value) {
  Writer both;
  utf8_field(both, 1, key);
  both.bytes(2, value.text());
  out.bytes(field, both.text());
}

void big_endian(uint64_t value, char* out) {
  for (int i = 7; i >= 0; --i, value >>= 8) out[i] = static_cast<char>(value & 0xff);
}

}  // namespace

void utf8_field(Writer& out, uint32_t field, std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = base::utf8_length(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  if (at == text.size()) return out.bytes(field, text);
  std::string clean(text.substr(0, at));
  while (at < text.size()) {
    const size_t length = base::utf8_length(text.substr(at));
    clean += length == 0 ? kReplacement : text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  out.bytes(field, clean);
}

void text_attribute(Writer& out, uint32_t field, std::string_view key, std::string_view value) {
  Writer any;
  utf8_field(any, kString, value);
  pair(out, field, key, any);
}

void number_attribute(Writer& out, uint32_t field, std::string_view key, double value) {
  constexpr double kExactMax = 9007199254740992.0;  // 2^53
  if (!(std::trunc(value) == value && std::fabs(value) <= kExactMax)) return real_attribute(out, field, key, value);
  Writer any;
  any.number(kInteger, static_cast<uint64_t>(static_cast<int64_t>(value)));
  pair(out, field, key, any);
}

void real_attribute(Writer& out, uint32_t field, std::string_view key, double value) {
  Writer any;
  any.real(kDouble, value);
  pair(out, field, key, any);
}

void list_attribute(Writer& out, uint32_t field, std::string_view key, std::span<const std::string> values) {
  Writer array;
  for (const std::string& value : values) {
    Writer any;
    utf8_field(any, kString, value);
    array.bytes(1, any.text());
  }
  Writer any;
  any.bytes(kArray, array.text());
  pair(out, field, key, any);
}

void tag_attribute(Writer& out, uint32_t field, std::string_view tag) {
  const size_t colon = tag.find(':');
  if (colon != std::string_view::npos && colon > 0) {
    return text_attribute(out, field, tag.substr(0, colon), tag.substr(colon + 1));
  }
  Writer any;
  any.number(kBool, 1);
  pair(out, field, tag, any);
}

void trace_id_field(Writer& out, uint32_t field, uint64_t high, uint64_t low) {
  char bytes[16];
  big_endian(high, bytes);
  big_endian(low, bytes + 8);
  out.bytes(field, {bytes, sizeof bytes});
}

void span_id_field(Writer& out, uint32_t field, uint64_t id) {
  char bytes[8];
  big_endian(id, bytes);
  out.bytes(field, {bytes, sizeof bytes});
}

std::string otlp_resource(const Settings& settings, const ProcessFacts& process, std::string_view service) {
  Writer out;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) text_attribute(out, 1, key, value);
  };
  add("service.name", service.empty() ? settings.service : service);
  add("service.version", settings.version);
  add("service.instance.id", process.runtime_id);
  add("deployment.environment.name", settings.env);
  add("host.name", process.host);
  add("telemetry.sdk.name", "godseye-sdk");
  add("telemetry.sdk.language", "cpp");
  add("telemetry.sdk.version", kSdkVersion);
  number_attribute(out, 1, "process.pid", process.process_id);
  for (const std::string& tag : settings.tags) tag_attribute(out, 1, tag);
  return out.take();
}

void append_resource(Writer& request, std::string_view resource, std::string_view items) {
  Writer scope;
  scope.bytes(1, "godseye-sdk");
  scope.bytes(2, kSdkVersion);
  Writer scoped;
  scoped.bytes(1, scope.text());
  // The items have their keys already.
  const std::string inner = scoped.take() + std::string(items);
  Writer whole;
  whole.bytes(1, resource);
  whole.bytes(2, inner);
  request.bytes(1, whole.text());
}

uint64_t otlp_rejected(std::string_view answer) {
  uint64_t rejected = 0;
  protobuf::Reader response(answer);
  while (response.next()) {
    if (response.field() != 1) continue;
    protobuf::Reader partial(response.bytes());
    while (partial.next()) {
      if (partial.field() == 1 && partial.integer() > 0) rejected = partial.varint();
    }
  }
  return rejected;
}

}  // namespace godseye::sdk
