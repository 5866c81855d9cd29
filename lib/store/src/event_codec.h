#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/signal/event.h>

// A batch of events and service checks as bytes, for journal records (docs/formats/journal.md, "Event batch"). Pure
// functions; the format is on disk.
namespace godseye::store {

void encode_events(const signal::EventBatch& batch, std::string& out);
// kCorrupt for anything that encode does not write. Memory is bounded by a small multiple of `bytes`.
base::Result<signal::EventBatch> decode_events(std::string_view bytes);

}  // namespace godseye::store
