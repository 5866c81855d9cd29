#include "write_answer.h"

#include "interpret.h"
#include "speller.h"
#include "usage.h"

#include <godseye/genai/answers.h>

namespace godseye::genai {
namespace {

using base::Error;
using base::ErrorCode;
using Dropped = std::vector<std::string>;

std::string joined(const Choice& choice, PartKind kind) {
  std::string text;
  for (const Part& part : choice.parts) {
    if (part.kind == kind) text += part.text;
  }
  return text;
}

bool has(const Choice& choice, PartKind kind) {
  for (const Part& part : choice.parts) {
    if (part.kind == kind) return true;
  }
  return false;
}

// The choices, or one empty one: no dialect's client expects none.
std::vector<Choice> choices_of(const ChatAnswer& answer) {
  return answer.choices.empty() ? std::vector<Choice>(1) : answer.choices;
}

const Choice& only_choice(const ChatAnswer& answer, Dropped& dropped) {
  static const Choice kEmpty;
  if (answer.choices.size() > 1) add_dropped(dropped, "choices");
  return answer.choices.empty() ? kEmpty : answer.choices[0];
}

void openai_calls(JsonWriter& w, const Choice& choice, const ChatAnswer& answer, uint32_t index) {
  w.array("tool_calls");
  uint32_t n = 0;
  for (const Part& part : choice.parts) {
    if (part.kind != PartKind::kToolCall) continue;
    w.open('{').field("id", id_or(part.id, "call_", answer.id, index, n++)).field("type", "function");
    w.object("function").field("name", part.name).field("arguments", part.text).close('}');
    if (!part.signature.empty()) {
      w.object("extra_content").object("google").field("thought_signature", part.signature).close('}').close('}');
    }
    w.close('}');
  }
  w.close(']');
}

void openai_message(JsonWriter& w, const Choice& choice, const ChatAnswer& answer, uint32_t index, Dropped& dropped) {
  w.object("message").field("role", "assistant").key("content");
  has(choice, PartKind::kText) ? w.value(joined(choice, PartKind::kText)) : w.null();
  w.maybe("reasoning_content", joined(choice, PartKind::kReasoning)).key("refusal");
  has(choice, PartKind::kRefusal) ? w.value(joined(choice, PartKind::kRefusal)) : w.null();
  if (has(choice, PartKind::kToolCall)) openai_calls(w, choice, answer, index);
  if (has(choice, PartKind::kMedia)) add_dropped(dropped, "media");
  w.close('}');
}

std::string openai(const ChatAnswer& answer, bool completions, Dropped& dropped) {
  std::string out;
  JsonWriter w(out);
  const std::string_view id = completions ? "cmpl-0" : "chatcmpl-0";
  w.open('{').field("id", answer.id.empty() ? id : std::string_view(answer.id));
  w.field("object", completions ? "text_completion" : "chat.completion").field("created", answer.created_s);
  w.field("model", answer.model).array("choices");
  uint32_t index = 0;
  for (const Choice& choice : choices_of(answer)) {
    w.open('{').field("index", index);
    if (completions) {
      w.field("text", joined(choice, PartKind::kText));
      if (has(choice, PartKind::kToolCall)) add_dropped(dropped, "tool_calls");
    } else {
      openai_message(w, choice, answer, index, dropped);
    }
    w.key("logprobs").null().field("finish_reason", openai_finish_word(choice.finish)).close('}');
    ++index;
  }
  w.close(']');
  if (answer.usage.known()) {
    w.key("usage");
    write_chat_usage(w, answer.usage);
  }
  w.close('}');
  return out;
}

std::string responses(const ChatAnswer& answer, Dropped& dropped) {
  ChatAnswer one = answer;
  one.choices.resize(1);
  if (answer.choices.size() > 1) add_dropped(dropped, "choices");
  if (one.id.empty()) one.id = "resp_0";
  if (has(one.choices[0], PartKind::kMedia)) add_dropped(dropped, "media");
  std::erase_if(one.choices[0].parts, [](const Part& part) { return part.kind == PartKind::kMedia; });
  std::string out;
  JsonWriter w(out);
  const FinishReason reason = one.choices[0].finish;
  const bool incomplete = reason == FinishReason::kLength || reason == FinishReason::kContentFilter;
  write_responses_object(w, one, incomplete ? "incomplete" : "completed");
  return out;
}

void anthropic_block(JsonWriter& w, const Part& part, std::string_view answer_id, uint32_t& calls, Dropped& dropped) {
  switch (part.kind) {
    case PartKind::kText:
    case PartKind::kRefusal:
      w.open('{').field("type", "text").field("text", part.text).close('}');
      break;
    case PartKind::kReasoning:
      if (part.redacted) {
        w.open('{').field("type", "redacted_thinking").field("data", part.signature).close('}');
      } else if (!part.text.empty()) {
        w.open('{')
            .field("type", "thinking")
            .field("thinking", part.text)
            .field("signature", part.signature)
            .close('}');
      }
      break;
    case PartKind::kToolCall:
      w.open('{').field("type", "tool_use").field("id", id_or(part.id, "toolu_", answer_id, 0, calls++));
      w.field("name", part.name).raw_field("input", object_of(part.text)).close('}');
      break;
    default:
      add_dropped(dropped, "media");
  }
}

std::string anthropic(const ChatAnswer& answer, Dropped& dropped) {
  const Choice& choice = only_choice(answer, dropped);
  std::string out;
  JsonWriter w(out);
  w.open('{').field("id", answer.id.empty() ? "msg_0" : std::string_view(answer.id)).field("type", "message");
  w.field("role", "assistant").field("model", answer.model).array("content");
  uint32_t calls = 0;
  for (const Part& part : choice.parts) anthropic_block(w, part, answer.id, calls, dropped);
  const bool stopped = !choice.stop_sequence.empty();
  w.close(']').field("stop_reason", stopped ? "stop_sequence" : anthropic_finish_word(choice.finish));
  w.key("stop_sequence");
  stopped ? w.value(choice.stop_sequence) : w.null();
  w.key("usage");
  write_anthropic_usage(w, answer.usage);
  w.close('}');
  return out;
}

void gemini_part(JsonWriter& w, const Part& part, Dropped& dropped) {
  switch (part.kind) {
    case PartKind::kText:
    case PartKind::kRefusal:
      w.open('{').field("text", part.text).close('}');
      break;
    case PartKind::kReasoning:
      if (part.redacted) return add_dropped(dropped, "redacted_thinking");
      w.open('{').field("text", part.text);
      if (!part.text.empty()) w.field("thought", true);
      w.maybe("thoughtSignature", part.signature).close('}');
      break;
    case PartKind::kToolCall:
      w.open('{').object("functionCall").maybe("id", part.id).field("name", part.name);
      w.raw_field("args", object_of(part.text)).close('}').maybe("thoughtSignature", part.signature).close('}');
      break;
    case PartKind::kMedia:
      w.open('{')
          .object("inlineData")
          .field("mimeType", part.media_type)
          .field("data", part.data)
          .close('}')
          .close('}');
      break;
    case PartKind::kToolResult:
      break;
  }
}

std::string gemini(const ChatAnswer& answer, Dropped& dropped) {
  std::string out;
  JsonWriter w(out);
  w.open('{').array("candidates");
  int64_t index = 0;
  for (const Choice& choice : choices_of(answer)) {
    w.open('{').object("content").field("role", "model").array("parts");
    for (const Part& part : choice.parts) gemini_part(w, part, dropped);
    w.close(']').close('}').field("finishReason", gemini_finish_word(choice.finish)).field("index", index++).close('}');
  }
  w.close(']');
  if (answer.usage.known()) {
    w.key("usageMetadata");
    write_gemini_usage(w, answer.usage);
  }
  w.field("modelVersion", answer.model).maybe("responseId", answer.id);
  w.close('}');
  return out;
}

std::string ollama(const ChatAnswer& answer, bool generate, Dropped& dropped) {
  const Choice& choice = only_choice(answer, dropped);
  std::string out;
  JsonWriter w(out);
  w.open('{').field("model", answer.model).field("created_at", rfc3339(answer.created_s));
  const std::string thinking = joined(choice, PartKind::kReasoning);
  const std::string text = joined(choice, PartKind::kText) + joined(choice, PartKind::kRefusal);
  if (generate) {
    w.field("response", text).maybe("thinking", thinking);
  } else {
    w.object("message").field("role", "assistant").field("content", text).maybe("thinking", thinking);
    if (has(choice, PartKind::kToolCall)) {
      w.array("tool_calls");
      for (const Part& part : choice.parts) {
        if (part.kind != PartKind::kToolCall) continue;
        w.open('{').maybe("id", part.id).object("function").field("name", part.name);
        w.raw_field("arguments", object_of(part.text)).close('}').close('}');
      }
      w.close(']');
    }
    w.close('}');
  }
  if (has(choice, PartKind::kMedia)) add_dropped(dropped, "media");
  w.field("done", true).field("done_reason", ollama_finish_word(choice.finish));
  w.field("total_duration", answer.times.total_ns).field("load_duration", answer.times.load_ns);
  if (answer.usage.input >= 0) w.field("prompt_eval_count", answer.usage.input);
  w.field("prompt_eval_duration", answer.times.prompt_ns);
  if (answer.usage.output >= 0) w.field("eval_count", answer.usage.output);
  w.field("eval_duration", answer.times.answer_ns).close('}');
  return out;
}

}  // namespace

base::Result<std::string> write_answer(Dialect dialect, const ChatAnswer& answer, Dropped* into) {
  Dropped own;
  Dropped& dropped = into != nullptr ? *into : own;
  if (answer.id.empty() && answer.created_s > 0) {
    // Ollama's answers have no id: their time keeps the ids of calls of different turns apart.
    ChatAnswer named = answer;
    named.id = std::to_string(answer.created_s);
    return write_answer(dialect, named, into);
  }
  switch (dialect) {
    case Dialect::kOpenAiChat:
      return openai(answer, false, dropped);
    case Dialect::kOpenAiCompletions:
      return openai(answer, true, dropped);
    case Dialect::kOpenAiResponses:
      return responses(answer, dropped);
    case Dialect::kGemini:
      return gemini(answer, dropped);
    case Dialect::kAnthropic:
      return anthropic(answer, dropped);
    case Dialect::kOllamaChat:
      return ollama(answer, false, dropped);
    case Dialect::kOllamaGenerate:
      return ollama(answer, true, dropped);
    default:
      return Error{ErrorCode::kUnimplemented, "not a protocol of chats"};
  }
}

}  // namespace godseye::genai
