#pragma once

#include "batch_builder.h"

#include <string>
#include <string_view>

#include <simdjson.h>

// Readers of JSON forms that several formats share.
namespace godseye::ddtrace {

// A JSON list that a client cut off (and ended with "..."), closed after its last whole element; else `json` itself.
std::string repaired_list(std::string_view json);

// One element of `meta._dd.span_links`, or of a JSON span's links: ids as hexadecimal text or as numbers.
bool read_link(simdjson::dom::element element, BatchBuilder& builder);
// One element of `meta.events`: {name, time_unix_nano, attributes} with plain values.
bool read_event(simdjson::dom::element element, BatchBuilder& builder);

// Text of a scalar: strings as they are, numbers and booleans as JSON writes them. False for null, lists and objects.
bool scalar_text(simdjson::dom::element element, std::string& out);
// Any number (or decimal text) as an integer; NaN, fractions and ranges as in msgpack::Reader.
bool json_unsigned(simdjson::dom::element element, uint64_t& out);
bool json_signed(simdjson::dom::element element, int64_t& out);
bool json_real(simdjson::dom::element element, double& out);

}  // namespace godseye::ddtrace
