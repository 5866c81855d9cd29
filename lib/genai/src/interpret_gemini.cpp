#include "interpret.h"

#include <set>

// Gemini: every chunk is a whole answer object whose parts are deltas, so stream and whole body are read alike.
namespace godseye::genai {
namespace {

class Gemini : public Interpreter {
 public:
  void event(Json root, std::string_view word) override {
    if (word == "[DONE]") return;  // some compatible servers end so
    if (root["error"]) return failed(read_error(Family::kGemini, 500, root.raw()));
    read(root);
  }
  void whole(Json root) override { read(root); }
  bool open_ended() const override { return !ended && finished_.empty(); }

 private:
  void read(Json root) {
    start(root.either("responseId"), root.either("modelVersion"), unix_time(root.either("createTime").str()));
    for (const Json candidate : root["candidates"].items()) {
      const uint32_t choice = choice_of(candidate["index"]);
      seen_.insert(choice);
      for (const Json item : candidate["content"]["parts"].items()) part(item, choice);
      if (const Json word = candidate.either("finishReason"); word.is_string()) {
        FinishReason reason = gemini_finish(view(word));
        if (reason == FinishReason::kStop && calls_of(choice) > 0) reason = FinishReason::kToolCalls;
        if (reason != FinishReason::kNone && finished_.insert(choice).second) finish_choice(choice, reason);
      }
    }
    if (root.either("promptFeedback").either("blockReason").is_string() && finished_.insert(0).second) {
      finish_choice(0, FinishReason::kContentFilter);
    }
    if (const Json metadata = root.either("usageMetadata"); metadata.is_object()) {
      const Usage before = counters_.usage();
      counters_.take(metadata);
      if (const Usage now = counters_.usage(); now.known() && !(now == before)) usage_now(now);
    }
    if (!seen_.empty() && finished_.size() >= seen_.size()) ended = true;
  }

  void part(Json part, uint32_t choice) {
    const bool thought = part["thought"].boolean().value_or(false);
    const Json signature = part.either("thoughtSignature");
    if (const Json call = part.either("functionCall"); call.is_object()) {
      if (call.either("partialArgs")) add_dropped(dropped, "functionCall.partialArgs");
      return call_whole(choice, call["id"], call["name"], call["args"], signature);
    }
    if (const Json data = part.either("inlineData"); data.is_object()) {
      Delta& delta = add(DeltaKind::kMedia, choice);
      delta.media_type = view(data.either("mimeType"));
      delta.text = view(data["data"]);
      return;
    }
    text(thought ? DeltaKind::kReasoning : DeltaKind::kText, choice, part["text"]);
    if (signature.is_string()) {
      Delta& delta = add(DeltaKind::kReasoning, choice);
      delta.signature = view(signature);
    }
    note_unknown(part, {"text", "thought", "thoughtSignature"}, "parts", dropped, true);
  }

  GeminiCounters counters_;
  std::set<uint32_t> seen_;
  std::set<uint32_t> finished_;
};

}  // namespace

std::unique_ptr<Interpreter> gemini_interpreter() { return std::make_unique<Gemini>(); }

}  // namespace godseye::genai
