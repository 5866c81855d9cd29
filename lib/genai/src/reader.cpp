#include "frames.h"
#include "interpret.h"

#include <godseye/genai/stream.h>

namespace godseye::genai {

class AnswerReader::State {
 public:
  State(Dialect dialect, Framing framing)
      : whole_(framing == Framing::kWhole), framer_(framing), meaning_(Interpreter::of(dialect)) {}

  base::Status feed(std::string_view bytes, std::vector<Delta>& out) {
    if (whole_ || meaning_ == nullptr) {
      return base::Error{base::ErrorCode::kInvalidArgument, "this protocol does not stream"};
    }
    decoded_.clear();
    frames_.clear();
    base::Status framed = framer_.feed(bytes, frames_);
    base::Status read = interpret(out);
    return framed ? std::move(read) : std::move(framed);
  }

  base::Status finish(std::vector<Delta>& out) {
    if (whole_ || meaning_ == nullptr) return base::ok();
    decoded_.clear();
    frames_.clear();
    framer_.finish(frames_);
    base::Status read = interpret(out);
    if (meaning_->open_ended()) {
      return base::Error{base::ErrorCode::kUnavailable, "the provider closed before the end of its answer"};
    }
    return read;
  }

  const Interpreter* meaning() const { return meaning_.get(); }
  const Framer& framer() const { return framer_; }
  uint64_t bad_frames() const { return bad_frames_; }

 private:
  base::Status interpret(std::vector<Delta>& out) {
    base::Status status = base::ok();
    for (const Frame& frame : frames_) {
      if (stopped_) break;
      meaning_->begin(frame, out, decoded_);
      Json root;
      if (frame.data != "[DONE]") {
        base::Status parsed = document_.parse(frame.data);
        if (parsed && !document_.root().is_object()) {
          parsed = base::Error{base::ErrorCode::kInvalidArgument, "a frame of the stream is not a JSON object"};
        }
        if (!parsed) {
          ++bad_frames_;
          if (status) status = std::move(parsed).error().within("a frame of the stream");
          continue;
        }
        root = document_.root();
      }
      meaning_->event(root, root ? std::string_view() : frame.data);
      if (meaning_->too_much) {
        stopped_ = true;
        return base::Error{base::ErrorCode::kTooLarge,
                           "more than " + std::to_string(kStreamToolCallsMax) + " tool calls in a stream"};
      }
      // Gemini's last word may be followed by a chunk with usage; the others' end is the end.
      stopped_ = meaning_->ended && !out.empty() &&
                 (out.back().kind == DeltaKind::kEnd || out.back().kind == DeltaKind::kError);
    }
    return status;
  }

  bool whole_;
  bool stopped_ = false;
  uint64_t bad_frames_ = 0;
  Framer framer_;
  std::unique_ptr<Interpreter> meaning_;
  JsonDocument document_;
  std::vector<Frame> frames_;
  std::forward_list<std::string> decoded_;
};

AnswerReader::AnswerReader(Dialect dialect, Framing framing) : state_(std::make_unique<State>(dialect, framing)) {}
AnswerReader::~AnswerReader() = default;
AnswerReader::AnswerReader(AnswerReader&&) noexcept = default;
AnswerReader& AnswerReader::operator=(AnswerReader&&) noexcept = default;

base::Status AnswerReader::feed(std::string_view bytes, std::vector<Delta>& out) { return state_->feed(bytes, out); }
base::Status AnswerReader::finish(std::vector<Delta>& out) { return state_->finish(out); }
bool AnswerReader::ended() const { return state_->meaning() && state_->meaning()->ended; }
const Usage& AnswerReader::usage() const {
  static const Usage kNothing;
  return state_->meaning() ? state_->meaning()->usage : kNothing;
}
FinishReason AnswerReader::finish_reason() const {
  return state_->meaning() ? state_->meaning()->finish : FinishReason::kNone;
}
std::string_view AnswerReader::model() const {
  return state_->meaning() ? std::string_view(state_->meaning()->model) : std::string_view();
}
std::string_view AnswerReader::id() const {
  return state_->meaning() ? std::string_view(state_->meaning()->id) : std::string_view();
}
uint64_t AnswerReader::bytes() const { return state_->framer().bytes(); }
uint64_t AnswerReader::settled() const { return state_->framer().settled(); }
uint64_t AnswerReader::text_bytes() const { return state_->meaning() ? state_->meaning()->text_bytes : 0; }
uint64_t AnswerReader::bad_frames() const { return state_->bad_frames(); }

}  // namespace godseye::genai
