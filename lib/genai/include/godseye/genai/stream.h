#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/error.h>
#include <godseye/genai/route.h>

// Streamed answers. `AnswerReader` takes the bytes of a stream in any pieces and yields `Delta`s as soon as a frame (an
// SSE event, an NDJSON line, an element of Gemini's JSON array) is whole; it looks at each byte once. Any split of the
// same bytes yields the same deltas. `AnswerWriter` is its inverse: deltas in, a dialect's stream out.
//
// A gateway that forwards the provider's own bytes uses the places in a Delta: bytes before `frame_end` may go out once
// the delta is approved, and [value_begin, value_end) is the JSON string to replace when a text must change. Places are
// offsets in the whole stream.
//
// One object per stream, no locks, not for two threads at once. Never throws.
namespace godseye::genai {

inline constexpr size_t kFrameBytesMax = size_t{16} << 20;  // one frame: images may come in one
inline constexpr uint32_t kStreamChoicesMax = 128;
inline constexpr uint32_t kStreamToolCallsMax = 512;  // per stream
inline constexpr size_t kStreamArgumentBytesMax = size_t{1} << 20;

enum class DeltaKind : uint8_t {
  kStart,      // id, model, created_s: first of all; at most once
  kText,       // text
  kReasoning,  // text; `signature` may come alone
  kRefusal,    // text
  kToolCall,   // `call`, with id and name in the first one; text: a piece of the arguments' JSON
  kMedia,      // media_type, text = base64 (Gemini images); whole
  kFinish,     // finish, stop_sequence: once per choice
  kUsage,      // usage so far, merged over the stream; the last one counts
  kError,      // error: the provider failed in the middle
  kEnd         // the protocol's own end ([DONE], message_stop, done:true, response.completed; Gemini has none)
};

// Views die at the next feed(), finish() or destruction of the reader.
struct Delta {
  DeltaKind kind = DeltaKind::kText;
  uint32_t choice = 0;
  uint32_t call = 0;  // kToolCall: counts the calls of the choice from 0, without gaps
  std::string_view text;
  std::string_view id;
  std::string_view name;
  std::string_view model;
  std::string_view signature;
  std::string_view media_type;
  std::string_view stop_sequence;
  int64_t created_s = 0;
  FinishReason finish = FinishReason::kNone;
  bool opens = false;       // the first of a new part, where the dialect says so (Anthropic's blocks)
  bool redacted = false;    // kReasoning: only `signature` holds anything
  bool usage_only = false;  // kUsage: the frame holds nothing else (OpenAI's extra chunk): may be left out as a whole
  Usage usage;
  EngineTimes times;                // kUsage, kEnd
  const ApiError* error = nullptr;  // kError
  uint64_t frame_begin = 0;
  uint64_t frame_end = 0;
  uint64_t value_begin = 0;  // kText, kReasoning, kRefusal, kToolCall: the JSON string with its quotes; 0, 0: none
  uint64_t value_end = 0;
  bool value_is_json = false;  // kToolCall whose arguments are a JSON object in the frame, not a string that holds one
};

class AnswerReader {
 public:
  // `framing` kWhole is refused by the first feed().
  AnswerReader(Dialect dialect, Framing framing);
  ~AnswerReader();
  AnswerReader(AnswerReader&&) noexcept;
  AnswerReader& operator=(AnswerReader&&) noexcept;

  // Appends what the bytes complete to `out` (not cleared). kTooLarge past a limit above. A frame that is not JSON is
  // kInvalidArgument from that feed(); the reader goes on with the next frame (`bad_frames()` counts), since a gateway
  // forwards such a stream all the same. Bytes after the protocol's end are ignored.
  base::Status feed(std::string_view bytes, std::vector<Delta>& out);
  // The provider closed. Yields what a last frame without its blank line holds; kUnavailable if the protocol says that
  // more must come (no finish reason, no message_stop, no done:true): the answer was cut off.
  base::Status finish(std::vector<Delta>& out);

  bool ended() const;                  // kEnd or kError was seen; for Gemini, every choice has finished
  const Usage& usage() const;          // so far
  FinishReason finish_reason() const;  // of choice 0
  std::string_view model() const;
  std::string_view id() const;
  uint64_t bytes() const;  // taken so far
  // Bytes before this belong to frames whose deltas were yielded, or to none (comments): forward up to here.
  uint64_t settled() const;
  uint64_t text_bytes() const;  // of kText, kReasoning, kRefusal and arguments: for an estimate when usage never comes
  uint64_t bad_frames() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// Adds a delta to an answer, so that after a whole stream `answer` is what a call without streaming gives.
void collect(const Delta& delta, ChatAnswer& answer);
// The deltas of a whole answer, in order; views into it. For a client that streams from a provider that does not.
void replay(const ChatAnswer& answer, std::vector<Delta>& out);

struct StreamHead {
  std::string id;     // empty: taken from a kStart delta, else made up; ids of tool calls are made of it
  std::string model;  // empty: likewise
  int64_t created_s = 0;
  bool include_usage = true;  // OpenAI chat: the extra chunk
};

class AnswerWriter {
 public:
  // `framing` must be one that the dialect has (framing_of; kGemini also kJsonArray).
  AnswerWriter(Dialect dialect, Framing framing, StreamHead head);
  ~AnswerWriter();
  AnswerWriter(AnswerWriter&&) noexcept;
  AnswerWriter& operator=(AnswerWriter&&) noexcept;

  // Appends the frames that `delta` causes to `out`; some dialects hold a delta back (Gemini and Ollama send a tool
  // call whole). kUsage may come at any time, the last one is written where the dialect wants it. After kError nothing
  // more.
  void write(const Delta& delta, std::string& out);
  // Closes what is open and writes the end; a choice without kFinish ends as kStop. Once.
  void finish(std::string& out);
  // What the dialect had no word for.
  const std::vector<std::string>& dropped() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace godseye::genai
