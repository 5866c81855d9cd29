#pragma once

#include "batch_builder.h"

#include <godseye/msgpack/reader.h>

// The span map of v0.4, which v0.7 has inside its chunks.
namespace godseye::ddtrace {

// `what` ended early or is damaged at the reader's position.
base::Error broken(const msgpack::Reader& reader, std::string_view what);

// An array of spans of one trace. False when the bytes cannot be read any further.
bool read_chunk(msgpack::Reader& reader, BatchBuilder& builder);

// A text field: str, bin, or a number or boolean as text; nil: empty. `taken` is false (and the value passed over) for
// anything else. False when the bytes end.
bool read_text(msgpack::Reader& reader, BatchBuilder& builder, signal::Text& out, bool& taken);

// The attributes map of a span event, each value {type, <x>_value}, as a JSON object. False when the bytes end.
bool read_event_attributes(msgpack::Reader& reader, std::string& json);

}  // namespace godseye::ddtrace
