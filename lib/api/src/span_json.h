#pragma once

#include <string>
#include <string_view>

#include <godseye/query/span_engine.h>

// Our own JSON of spans (docs/traces.md, "Reading"), written straight into the text: a trace has tens of thousands.
namespace godseye::api {

// Whole and well-formed, at most kStoredJsonDepthMax deep. One pass, no allocation but for the depth.
bool is_json(std::string_view text);

void append_span(std::string& out, const query::StoredSpan& span);
void append_detection(std::string& out, const query::Detection& detection);
void append_activity(std::string& out, const query::Activity& activity);
void append_error_group(std::string& out, const query::ErrorGroup& group);
void append_texts(std::string& out, const std::vector<std::string>& texts);
// Shortest text; null for what JSON has no number for.
void append_number(std::string& out, double value);

}  // namespace godseye::api
