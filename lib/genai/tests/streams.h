#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/stream.h>

namespace godseye::genai::test {

// A delta without views, for comparing.
struct OwnDelta {
  DeltaKind kind;
  uint32_t choice, call;
  std::string text, id, name, model, signature, media_type, stop_sequence, error;
  FinishReason finish;
  bool opens, redacted, usage_only;
  Usage usage;
  uint64_t frame_begin, frame_end, value_begin, value_end;
  bool value_is_json;
  bool operator==(const OwnDelta&) const = default;
};

inline void own(const std::vector<Delta>& deltas, std::vector<OwnDelta>& out) {
  for (const Delta& d : deltas) {
    out.push_back({d.kind,
                   d.choice,
                   d.call,
                   std::string(d.text),
                   std::string(d.id),
                   std::string(d.name),
                   std::string(d.model),
                   std::string(d.signature),
                   std::string(d.media_type),
                   std::string(d.stop_sequence),
                   d.error ? d.error->message : std::string(),
                   d.finish,
                   d.opens,
                   d.redacted,
                   d.usage_only,
                   d.usage,
                   d.frame_begin,
                   d.frame_end,
                   d.value_begin,
                   d.value_end,
                   d.value_is_json});
  }
}

struct ReadStream {
  std::vector<OwnDelta> deltas;
  ChatAnswer answer;
  bool ok = true;
  bool whole = false;
  uint64_t bad_frames = 0;
};

// Feeds `bytes` in the pieces that end at `cuts` (ascending), then the rest.
inline ReadStream read_stream(Dialect dialect, Framing framing, std::string_view bytes,
                              const std::vector<size_t>& cuts = {}) {
  ReadStream result;
  AnswerReader reader(dialect, framing);
  size_t from = 0;
  const auto take = [&](const std::vector<Delta>& deltas) {
    own(deltas, result.deltas);
    for (const Delta& delta : deltas) collect(delta, result.answer);
  };
  const auto feed = [&](size_t to) {
    // A copy of its own, so that a view that lives too long is found.
    const std::string piece(bytes.substr(from, to - from));
    std::vector<Delta> deltas;
    result.ok = reader.feed(piece, deltas).has_value() && result.ok;
    take(deltas);
    from = to;
  };
  for (const size_t cut : cuts) feed(cut);
  feed(bytes.size());
  std::vector<Delta> deltas;
  result.whole = reader.finish(deltas).has_value();
  take(deltas);
  result.bad_frames = reader.bad_frames();
  return result;
}

inline std::string all_text(const ReadStream& stream) {
  return stream.answer.choices.empty() ? std::string() : text_of(stream.answer.choices[0]);
}

}  // namespace godseye::genai::test
