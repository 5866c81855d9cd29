#include "interpret.h"

#include <algorithm>
#include <cstdio>

namespace godseye::genai {

std::unique_ptr<Interpreter> Interpreter::of(Dialect dialect) {
  switch (dialect) {
    case Dialect::kOpenAiChat:
      return openai_chat_interpreter(false);
    case Dialect::kOpenAiCompletions:
      return openai_chat_interpreter(true);
    case Dialect::kOpenAiResponses:
      return responses_interpreter();
    case Dialect::kGemini:
      return gemini_interpreter();
    case Dialect::kAnthropic:
      return anthropic_interpreter();
    case Dialect::kOllamaChat:
    case Dialect::kOllamaGenerate:
      return ollama_interpreter();
    default:
      return nullptr;
  }
}

Delta& Interpreter::add(DeltaKind kind, uint32_t choice) {
  Delta& delta = out_->emplace_back();
  delta.kind = kind;
  delta.choice = choice;
  delta.frame_begin = frame_->begin;
  delta.frame_end = frame_->end;
  return delta;
}

void Interpreter::place(Delta& delta, Json value) const {
  if (!value.is_string() || frame_->data_begin == kNoPlace) return;
  delta.value_begin = frame_->data_begin + value.begin();
  delta.value_end = frame_->data_begin + value.end();
}

void Interpreter::start(Json id_value, Json model_value, int64_t created_s) {
  if (model.empty()) model = model_value.str();
  if (started) return;
  started = true;
  id = id_value.str();
  Delta& delta = add(DeltaKind::kStart);
  delta.id = view(id_value);
  delta.model = view(model_value);
  delta.created_s = created_s;
}

void Interpreter::text(DeltaKind kind, uint32_t choice, Json value, bool opens) {
  const std::string_view decoded = view(value);
  if (decoded.empty()) return;
  text_bytes += decoded.size();
  Delta& delta = add(kind, choice);
  delta.text = decoded;
  delta.opens = opens;
  place(delta, value);
}

void Interpreter::finish_choice(uint32_t choice, FinishReason reason, Json stop_sequence) {
  if (choice == 0) finish = reason;
  Delta& delta = add(DeltaKind::kFinish, choice);
  delta.finish = reason;
  delta.stop_sequence = view(stop_sequence);
}

void Interpreter::usage_now(const Usage& now, bool only) {
  usage = now;
  Delta& delta = add(DeltaKind::kUsage);
  delta.usage = now;
  delta.usage_only = only;
}

void Interpreter::failed(ApiError error) {
  ended = true;
  if (finish == FinishReason::kNone) finish = FinishReason::kError;
  errors_.push_front(std::move(error));
  add(DeltaKind::kError).error = &errors_.front();
}

void Interpreter::end() {
  ended = true;
  add(DeltaKind::kEnd);
}

uint32_t Interpreter::calls_of(uint32_t choice) const {
  const auto found = call_counts_.find(choice);
  return found == call_counts_.end() ? 0 : found->second;
}

uint32_t Interpreter::call_number(uint32_t choice, uint64_t key, bool& fresh) {
  const auto found = calls_.find({choice, key});
  fresh = found == calls_.end();
  if (!fresh) return found->second;
  if (calls_.size() >= kStreamToolCallsMax) {
    too_much = true;
    return 0;
  }
  return calls_[{choice, key}] = call_counts_[choice]++;
}

Delta& Interpreter::call_start(uint32_t choice, uint32_t call, Json id_value, Json name) {
  Delta& delta = add(DeltaKind::kToolCall, choice);
  delta.call = call;
  delta.id = view(id_value);
  delta.name = view(name);
  return delta;
}

void Interpreter::call_piece(uint32_t choice, uint32_t call, Json arguments) {
  const std::string_view decoded = view(arguments);
  if (decoded.empty()) return;
  text_bytes += decoded.size();
  Delta& delta = add(DeltaKind::kToolCall, choice);
  delta.call = call;
  delta.text = decoded;
  place(delta, arguments);
}

void Interpreter::call_whole(uint32_t choice, Json id_value, Json name, Json arguments, Json signature) {
  bool fresh = false;
  // Keys above any index that a protocol counts with.
  const uint32_t call = call_number(choice, (uint64_t{1} << 40) + calls_of(choice), fresh);
  if (too_much) return;
  Delta& delta = call_start(choice, call, id_value, name);
  delta.signature = view(signature);
  delta.text = arguments.is_object() ? arguments.raw() : std::string_view("{}");
  if (arguments.is_object() && frame_->data_begin != kNoPlace) {
    delta.value_is_json = true;
    delta.value_begin = frame_->data_begin + arguments.begin();
    delta.value_end = frame_->data_begin + arguments.end();
  }
  text_bytes += delta.text.size();
}

uint32_t Interpreter::choice_of(Json index) {
  const std::optional<int64_t> n = index.integer();
  return n && *n >= 0 ? static_cast<uint32_t>(std::min<int64_t>(*n, kStreamChoicesMax - 1)) : 0;
}

FinishReason openai_finish(std::string_view word) {
  if (word.empty()) return FinishReason::kNone;
  if (word == "stop") return FinishReason::kStop;
  if (word == "length") return FinishReason::kLength;
  if (word == "tool_calls" || word == "function_call") return FinishReason::kToolCalls;
  if (word == "content_filter") return FinishReason::kContentFilter;
  return FinishReason::kOther;
}

FinishReason gemini_finish(std::string_view word) {
  if (word.empty() || word == "FINISH_REASON_UNSPECIFIED") return FinishReason::kNone;
  if (word == "STOP") return FinishReason::kStop;
  if (word == "MAX_TOKENS") return FinishReason::kLength;
  if (word == "MALFORMED_FUNCTION_CALL" || word == "UNEXPECTED_TOOL_CALL" || word == "TOO_MANY_TOOL_CALLS") {
    return FinishReason::kError;
  }
  for (const std::string_view safety :
       {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION", "MODEL_ARMOR", "JAILBREAK"}) {
    if (word == safety) return FinishReason::kContentFilter;
  }
  return FinishReason::kOther;
}

FinishReason anthropic_finish(std::string_view word) {
  if (word.empty()) return FinishReason::kNone;
  if (word == "end_turn" || word == "stop_sequence") return FinishReason::kStop;
  if (word == "max_tokens" || word == "model_context_window_exceeded") return FinishReason::kLength;
  if (word == "tool_use") return FinishReason::kToolCalls;
  if (word == "refusal") return FinishReason::kRefusal;
  return FinishReason::kOther;
}

std::string_view openai_finish_word(FinishReason reason) {
  switch (reason) {
    case FinishReason::kLength:
      return "length";
    case FinishReason::kToolCalls:
      return "tool_calls";
    case FinishReason::kContentFilter:
    case FinishReason::kRefusal:
      return "content_filter";
    default:
      return "stop";
  }
}

std::string_view gemini_finish_word(FinishReason reason) {
  switch (reason) {
    case FinishReason::kLength:
      return "MAX_TOKENS";
    case FinishReason::kContentFilter:
    case FinishReason::kRefusal:
      return "SAFETY";
    case FinishReason::kError:
    case FinishReason::kOther:
      return "OTHER";
    default:
      return "STOP";
  }
}

std::string_view anthropic_finish_word(FinishReason reason) {
  switch (reason) {
    case FinishReason::kLength:
      return "max_tokens";
    case FinishReason::kToolCalls:
      return "tool_use";
    case FinishReason::kContentFilter:
    case FinishReason::kRefusal:
      return "refusal";
    default:
      return "end_turn";
  }
}

std::string_view ollama_finish_word(FinishReason reason) { return reason == FinishReason::kLength ? "length" : "stop"; }

namespace {

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
int64_t days_of(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto in_era = static_cast<unsigned>(year - era * 400);
  const unsigned in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned days = in_era * 365 + in_era / 4 - in_era / 100 + in_year;
  return era * 146097 + static_cast<int64_t>(days) - 719468;
}

}  // namespace

int64_t unix_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const std::string copy(text.substr(0, 64));
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second,
                  &used) != 6) {
    return 0;
  }
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 60) {
    return 0;
  }
  size_t at = static_cast<size_t>(used);
  if (at < copy.size() && copy[at] == '.') {
    ++at;
    while (at < copy.size() && copy[at] >= '0' && copy[at] <= '9') ++at;
  }
  int64_t shift = 0;
  int shift_hours = 0, shift_minutes = 0;
  if (at < copy.size() && (copy[at] == '+' || copy[at] == '-') &&
      std::sscanf(copy.c_str() + at + 1, "%2d:%2d", &shift_hours, &shift_minutes) == 2) {
    shift = (shift_hours * 3600 + shift_minutes * 60) * (copy[at] == '+' ? 1 : -1);
  }
  return days_of(year, static_cast<unsigned>(month), static_cast<unsigned>(day)) * 86400 + hour * 3600 + minute * 60 +
         second - shift;
}

std::string rfc3339(int64_t unix_s) {
  unix_s = std::clamp<int64_t>(unix_s, 0, 253402300799);  // the year 9999
  const int64_t days = unix_s / 86400, rest = unix_s % 86400;
  int64_t year = 1970 + days / 366;
  while (days_of(year + 1, 1, 1) <= days) ++year;
  unsigned month = 12;
  while (days_of(year, month, 1) > days) --month;
  const int64_t day = days - days_of(year, month, 1) + 1;
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02dT%02d:%02d:%02dZ", static_cast<int>(year), month,
                static_cast<int>(day), static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60),
                static_cast<int>(rest % 60));
  return buffer;
}

}  // namespace godseye::genai
