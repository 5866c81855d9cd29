#include "json.h"
#include "speller.h"

#include <algorithm>

namespace godseye::genai {
namespace {
constexpr size_t kOwnIdBytesMax = 20;
}

std::unique_ptr<Speller> Speller::of(Dialect dialect, Framing framing, StreamHead head) {
  switch (dialect) {
    case Dialect::kOpenAiChat:
      return openai_chat_speller(std::move(head), false);
    case Dialect::kOpenAiCompletions:
      return openai_chat_speller(std::move(head), true);
    case Dialect::kOpenAiResponses:
      return responses_speller(std::move(head));
    case Dialect::kGemini:
      return gemini_speller(std::move(head), framing);
    case Dialect::kAnthropic:
      return anthropic_speller(std::move(head));
    case Dialect::kOllamaChat:
      return ollama_speller(std::move(head), false);
    case Dialect::kOllamaGenerate:
      return ollama_speller(std::move(head), true);
    default:
      return nullptr;
  }
}

void WholeCalls::add(const Delta& delta) {
  if (delta.choice >= kStreamChoicesMax || delta.call >= kStreamToolCallsMax) return;
  std::vector<Call>& calls = calls_[delta.choice];
  if (calls.size() <= delta.call) calls.resize(delta.call + 1);
  Call& call = calls[delta.call];
  if (!delta.id.empty()) call.id = delta.id;
  if (!delta.name.empty()) call.name = delta.name;
  if (!delta.signature.empty()) call.signature = delta.signature;
  if (call.arguments.size() + delta.text.size() <= kStreamArgumentBytesMax) call.arguments += delta.text;
}

std::vector<WholeCalls::Call> WholeCalls::take(uint32_t choice) {
  const auto found = calls_.find(choice);
  if (found == calls_.end()) return {};
  std::vector<Call> calls = std::move(found->second);
  calls_.erase(found);
  return calls;
}

std::vector<uint32_t> WholeCalls::choices() const {
  std::vector<uint32_t> out;
  for (const auto& [choice, calls] : calls_) out.push_back(choice);
  return out;
}

std::string object_of(std::string_view arguments) {
  if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) return "{}";
  if (is_json(arguments, true)) return std::string(arguments);
  std::string out = "{\"arguments\":";
  append_json_string(arguments, out);
  return out + "}";
}

std::string id_or(std::string_view id, std::string_view prefix, std::string_view answer_id, uint32_t choice,
                  uint32_t n) {
  if (!id.empty()) return std::string(id);
  // Short: OpenAI takes 40 characters. The end of an id is its random part.
  std::string own;
  for (const char c : answer_id) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) own += c;
  }
  if (own.size() > kOwnIdBytesMax) own.erase(0, own.size() - kOwnIdBytesMax);
  const std::string out = std::string(prefix) + own;
  return out + "_" + std::to_string(choice) + "_" + std::to_string(n);
}

class AnswerWriter::State {
 public:
  State(Dialect dialect, Framing framing, StreamHead head)
      : dialect_(dialect), framing_(framing), speller_(Speller::of(dialect, framing, std::move(head))) {}

  void write(const Delta& delta, std::string& out) {
    if (speller_ == nullptr || closed_) return;
    switch (delta.kind) {
      case DeltaKind::kStart:
        if (speller_->head.id.empty()) speller_->head.id = delta.id;
        if (speller_->head.model.empty()) speller_->head.model = delta.model;
        if (speller_->head.created_s == 0) speller_->head.created_s = delta.created_s;
        return;
      case DeltaKind::kUsage:
        speller_->usage = delta.usage;
        return;
      case DeltaKind::kEnd:
        speller_->times = delta.times;
        return;
      case DeltaKind::kError:
        out += error_event(dialect_, framing_, delta.error ? *delta.error : ApiError{}, !speller_->wrote());
        closed_ = true;
        return;
      default:
        break;
    }
    if (delta.choice >= kStreamChoicesMax || delta.call >= kStreamToolCallsMax) return;
    name_it();
    speller_->write(delta, out);
  }

  void finish(std::string& out) {
    if (speller_ == nullptr || closed_) return;
    closed_ = true;
    name_it();
    speller_->finish(out);
  }

  const std::vector<std::string>& dropped() const {
    static const std::vector<std::string> kNothing;
    return speller_ ? speller_->dropped : kNothing;
  }

 private:
  // Ollama's answers have no id: their time keeps the ids of calls of different turns apart. Once: an answer keeps the
  // name that it began with.
  void name_it() {
    if (named_) return;
    named_ = true;
    StreamHead& head = speller_->head;
    if (head.id.empty() && head.created_s > 0) head.id = std::to_string(head.created_s);
  }

  Dialect dialect_;
  Framing framing_;
  std::unique_ptr<Speller> speller_;
  bool closed_ = false;
  bool named_ = false;
};

AnswerWriter::AnswerWriter(Dialect dialect, Framing framing, StreamHead head)
    : state_(std::make_unique<State>(dialect, framing, std::move(head))) {}
AnswerWriter::~AnswerWriter() = default;
AnswerWriter::AnswerWriter(AnswerWriter&&) noexcept = default;
AnswerWriter& AnswerWriter::operator=(AnswerWriter&&) noexcept = default;
void AnswerWriter::write(const Delta& delta, std::string& out) { state_->write(delta, out); }
void AnswerWriter::finish(std::string& out) { state_->finish(out); }
const std::vector<std::string>& AnswerWriter::dropped() const { return state_->dropped(); }

}  // namespace godseye::genai
