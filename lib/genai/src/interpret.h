#pragma once

#include "frames.h"
#include "json.h"
#include "usage.h"

#include <forward_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/stream.h>

// What an answer's JSON means, as deltas: one interpreter per dialect, for frames of a stream and for whole bodies
// alike. Views in the deltas point into the frame or into `decoded`.
namespace godseye::genai {

class Interpreter {
 public:
  virtual ~Interpreter() = default;
  static std::unique_ptr<Interpreter> of(Dialect dialect);

  // One frame of a stream; `root` is nothing for what is not JSON ("[DONE]" is handed over as `word`).
  virtual void event(Json root, std::string_view word) = 0;
  virtual void whole(Json root) = 0;
  // True if the protocol says that more must come before the connection may close.
  virtual bool open_ended() const { return !ended; }

  // Where the deltas of the next call go and to which frame they belong.
  void begin(const Frame& frame, std::vector<Delta>& out, std::forward_list<std::string>& decoded) {
    frame_ = &frame;
    out_ = &out;
    decoded_ = &decoded;
  }

  Usage usage;
  bool started = false;
  bool ended = false;
  FinishReason finish = FinishReason::kNone;  // of choice 0
  std::string id;
  std::string model;
  uint64_t text_bytes = 0;
  bool too_much = false;  // a limit of stream.h was passed
  std::vector<std::string> dropped;

 protected:
  Delta& add(DeltaKind kind, uint32_t choice = 0);
  void start(Json id, Json model, int64_t created_s);
  // A delta with the text of `value`; none if it is empty.
  void text(DeltaKind kind, uint32_t choice, Json value, bool opens = false);
  void finish_choice(uint32_t choice, FinishReason reason, Json stop_sequence = {});
  void usage_now(const Usage& now, bool only = false);
  void failed(ApiError error);
  void end();
  // The dense number of the call that the protocol names `key` in `choice`; new ones get the next. Sets `fresh`.
  uint32_t call_number(uint32_t choice, uint64_t key, bool& fresh);
  uint32_t calls_of(uint32_t choice) const;
  // A piece of the arguments, or the first delta of a call with id and name.
  void call_piece(uint32_t choice, uint32_t call, Json arguments);
  Delta& call_start(uint32_t choice, uint32_t call, Json id, Json name);
  // A whole call whose arguments are an object.
  void call_whole(uint32_t choice, Json id, Json name, Json arguments, Json signature = {});
  std::string_view view(Json value) { return value.text(*decoded_); }
  std::string_view keep(std::string text) { return decoded_->emplace_front(std::move(text)); }
  // Index of a choice as the body says it, within kStreamChoicesMax.
  static uint32_t choice_of(Json index);

 private:
  void place(Delta& delta, Json value) const;

  const Frame* frame_ = nullptr;
  std::vector<Delta>* out_ = nullptr;
  std::forward_list<std::string>* decoded_ = nullptr;
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> calls_;
  std::map<uint32_t, uint32_t> call_counts_;
  std::forward_list<ApiError> errors_;
};

std::unique_ptr<Interpreter> openai_chat_interpreter(bool completions);
std::unique_ptr<Interpreter> responses_interpreter();
std::unique_ptr<Interpreter> gemini_interpreter();
std::unique_ptr<Interpreter> anthropic_interpreter();
std::unique_ptr<Interpreter> ollama_interpreter();

// Words of the dialects for why an answer ended, both ways.
FinishReason openai_finish(std::string_view word);
FinishReason gemini_finish(std::string_view word);
FinishReason anthropic_finish(std::string_view word);
std::string_view openai_finish_word(FinishReason reason);
std::string_view gemini_finish_word(FinishReason reason);
std::string_view anthropic_finish_word(FinishReason reason);
std::string_view ollama_finish_word(FinishReason reason);
// Unix time of "2026-11-21T10:00:00.5Z"; 0 if it is none. And back, whole seconds.
int64_t unix_time(std::string_view rfc3339);
std::string rfc3339(int64_t unix_s);

}  // namespace godseye::genai
