#pragma once

#include "json_writer.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/stream.h>

// Deltas into a dialect's frames; one speller per dialect behind AnswerWriter.
namespace godseye::genai {

class Speller {
 public:
  explicit Speller(StreamHead stream_head) : head(std::move(stream_head)) {}
  virtual ~Speller() = default;
  static std::unique_ptr<Speller> of(Dialect dialect, Framing framing, StreamHead head);

  // All but kStart, kUsage, kError, kEnd, which the writer keeps for itself.
  virtual void write(const Delta& delta, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
  virtual bool wrote() const { return true; }

  StreamHead head;
  Usage usage;
  EngineTimes times;
  std::vector<std::string> dropped;
};

// Calls that a dialect sends whole, collected until their choice ends.
class WholeCalls {
 public:
  struct Call {
    std::string id, name, arguments, signature;
  };
  void add(const Delta& delta);
  // The calls of `choice` in order, taken out.
  std::vector<Call> take(uint32_t choice);
  std::vector<uint32_t> choices() const;

 private:
  std::map<uint32_t, std::vector<Call>> calls_;
};

// `arguments` if it is a JSON object; "{}" for nothing; else {"arguments": text}: a model's slip must stay visible.
std::string object_of(std::string_view arguments);
// `id`, or one made of the answer's id and a position.
std::string id_or(std::string_view id, std::string_view prefix, std::string_view answer_id, uint32_t choice,
                  uint32_t n);

std::unique_ptr<Speller> openai_chat_speller(StreamHead head, bool completions);
std::unique_ptr<Speller> responses_speller(StreamHead head);
std::unique_ptr<Speller> gemini_speller(StreamHead head, Framing framing);
std::unique_ptr<Speller> anthropic_speller(StreamHead head);
std::unique_ptr<Speller> ollama_speller(StreamHead head, bool generate);

}  // namespace godseye::genai
