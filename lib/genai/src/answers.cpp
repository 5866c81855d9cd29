#include "interpret.h"
#include "json.h"

#include <godseye/genai/answers.h>
#include <godseye/genai/embeddings.h>

namespace godseye::genai {
namespace {

using base::Error;
using base::ErrorCode;

// The deltas of a whole body. `frame`, `decoded` and the interpreter must outlive them.
base::Status interpret_whole(Interpreter& meaning, const Frame& frame, JsonDocument& document,
                             std::forward_list<std::string>& decoded, std::vector<Delta>& out) {
  if (base::Status parsed = document.parse(frame.data); !parsed) return std::move(parsed).error().within("the answer");
  if (!document.root().is_object()) return Error{ErrorCode::kInvalidArgument, "the answer is not a JSON object"};
  meaning.begin(frame, out, decoded);
  meaning.whole(document.root());
  if (meaning.too_much) return Error{ErrorCode::kTooLarge, "more tool calls in an answer than we take"};
  return base::ok();
}

Part& nth_call(Choice& choice, uint32_t n) {
  for (Part& part : choice.parts) {
    if (part.kind == PartKind::kToolCall && n-- == 0) return part;
  }
  return choice.parts.emplace_back(Part{.kind = PartKind::kToolCall});
}

Part& growing(Choice& choice, PartKind kind, bool opens) {
  if (opens || choice.parts.empty() || choice.parts.back().kind != kind) {
    return choice.parts.emplace_back(Part{.kind = kind});
  }
  return choice.parts.back();
}

void collect_reasoning(const Delta& delta, Choice& choice) {
  Part& part = growing(choice, PartKind::kReasoning, delta.opens || delta.redacted);
  // What a signature signs stands before it.
  Part& target = !part.signature.empty() && !delta.text.empty()
                     ? choice.parts.emplace_back(Part{.kind = PartKind::kReasoning})
                     : part;
  target.text += delta.text;
  target.signature += delta.signature;
  target.redacted = target.redacted || delta.redacted;
  if (!delta.id.empty()) target.id = delta.id;
}

}  // namespace

void collect(const Delta& delta, ChatAnswer& answer) {
  if (delta.kind == DeltaKind::kStart) {
    answer.id = delta.id;
    answer.model = delta.model;
    answer.created_s = delta.created_s;
    return;
  }
  if (delta.kind == DeltaKind::kUsage) {
    answer.usage = delta.usage;
    return;
  }
  if (delta.kind == DeltaKind::kEnd) {
    answer.times = delta.times;
    return;
  }
  if (delta.kind == DeltaKind::kError || delta.choice >= kStreamChoicesMax) return;
  if (answer.choices.size() <= delta.choice) answer.choices.resize(delta.choice + 1);
  Choice& choice = answer.choices[delta.choice];
  switch (delta.kind) {
    case DeltaKind::kText:
      growing(choice, PartKind::kText, delta.opens).text += delta.text;
      break;
    case DeltaKind::kRefusal:
      growing(choice, PartKind::kRefusal, delta.opens).text += delta.text;
      break;
    case DeltaKind::kReasoning:
      collect_reasoning(delta, choice);
      break;
    case DeltaKind::kToolCall: {
      Part& part = nth_call(choice, delta.call);
      if (!delta.id.empty()) part.id = delta.id;
      if (!delta.name.empty()) part.name = delta.name;
      if (!delta.signature.empty()) part.signature = delta.signature;
      part.text += delta.text;
      break;
    }
    case DeltaKind::kMedia: {
      Part& part = choice.parts.emplace_back(Part{.kind = PartKind::kMedia});
      part.media_type = delta.media_type;
      part.data = delta.text;
      break;
    }
    case DeltaKind::kFinish:
      choice.finish = delta.finish;
      choice.stop_sequence = delta.stop_sequence;
      break;
    default:
      break;
  }
}

void replay(const ChatAnswer& answer, std::vector<Delta>& out) {
  Delta& start = out.emplace_back();
  start.kind = DeltaKind::kStart;
  start.id = answer.id;
  start.model = answer.model;
  start.created_s = answer.created_s;
  uint32_t index = 0;
  for (const Choice& choice : answer.choices) {
    uint32_t calls = 0;
    for (const Part& part : choice.parts) {
      Delta delta{.choice = index,
                  .text = part.text,
                  .id = part.id,
                  .name = part.name,
                  .signature = part.signature,
                  .redacted = part.redacted};
      switch (part.kind) {
        case PartKind::kText:
          delta.kind = DeltaKind::kText;
          break;
        case PartKind::kReasoning:
          delta.kind = DeltaKind::kReasoning;
          break;
        case PartKind::kRefusal:
          delta.kind = DeltaKind::kRefusal;
          break;
        case PartKind::kToolCall:
          delta.kind = DeltaKind::kToolCall;
          delta.call = calls++;
          break;
        case PartKind::kMedia:
          delta.kind = DeltaKind::kMedia;
          delta.media_type = part.media_type;
          delta.text = part.data;
          break;
        case PartKind::kToolResult:
          continue;
      }
      delta.opens = delta.kind != DeltaKind::kToolCall && delta.kind != DeltaKind::kMedia;
      out.push_back(delta);
    }
    out.push_back(
        {.kind = DeltaKind::kFinish, .choice = index, .stop_sequence = choice.stop_sequence, .finish = choice.finish});
    ++index;
  }
  if (answer.usage.known()) out.push_back({.kind = DeltaKind::kUsage, .usage = answer.usage, .times = answer.times});
  out.push_back({.kind = DeltaKind::kEnd, .times = answer.times});
}

base::Result<ChatAnswer> parse_answer(Dialect dialect, std::string_view body) {
  const std::unique_ptr<Interpreter> meaning = Interpreter::of(dialect);
  if (meaning == nullptr) return Error{ErrorCode::kUnimplemented, "not a protocol of chats"};
  JsonDocument document;
  std::forward_list<std::string> decoded;
  std::vector<Delta> deltas;
  const Frame frame{.data = body, .end = body.size()};
  if (base::Status read = interpret_whole(*meaning, frame, document, decoded, deltas); !read) {
    return std::move(read).error();
  }
  ChatAnswer answer;
  for (const Delta& delta : deltas) {
    if (delta.kind == DeltaKind::kError) {
      if (answer.choices.empty()) answer.choices.resize(1);
      answer.choices[0].finish = FinishReason::kError;
    }
    collect(delta, answer);
  }
  for (Choice& choice : answer.choices) {
    for (Part& part : choice.parts) {
      if (part.kind == PartKind::kToolCall && part.text.empty()) part.text = "{}";
    }
  }
  answer.dropped = std::move(meaning->dropped);
  return answer;
}

base::Result<AnswerFacts> read_answer(const Call& call, std::string_view body) {
  AnswerFacts facts;
  JsonDocument document;
  if (call.operation != Operation::kChat) {
    if (base::Status parsed = document.parse(body); !parsed) return std::move(parsed).error().within("the answer");
    if (call.operation == Operation::kCountTokens) {
      base::Result<int64_t> tokens = parse_token_count(call.dialect, body);
      if (!tokens) return std::move(tokens).error();
      facts.usage.input = *tokens;
    } else if (call.operation == Operation::kEmbed) {
      const Json root = document.root();
      facts.model = root["model"].text(facts.decoded);
      if (call.family == Family::kGemini) {
        GeminiCounters counters;
        counters.take(root.either("usageMetadata"));
        facts.usage = counters.usage();
      } else if (call.family == Family::kOllama) {
        take_ollama_usage(root, facts.usage);
      } else {
        take_openai_usage(root["usage"], facts.usage);
      }
    }
    return facts;
  }
  const std::unique_ptr<Interpreter> meaning = Interpreter::of(call.dialect);
  if (meaning == nullptr) return Error{ErrorCode::kUnimplemented, "not a protocol of chats"};
  std::vector<Delta> deltas;
  const Frame frame{.data = body, .end = body.size()};
  if (base::Status read = interpret_whole(*meaning, frame, document, facts.decoded, deltas); !read) {
    return std::move(read).error();
  }
  facts.usage = meaning->usage;
  facts.finish = meaning->finish;
  std::string_view tool;
  for (const Delta& delta : deltas) {
    facts.choices = std::max(facts.choices, delta.choice + 1);
    AnswerText text{.text = delta.text,
                    .begin = static_cast<uint32_t>(delta.value_begin),
                    .end = static_cast<uint32_t>(delta.value_end),
                    .is_json = delta.value_is_json,
                    .choice = delta.choice};
    switch (delta.kind) {
      case DeltaKind::kStart:
        facts.id = delta.id;
        facts.model = delta.model;
        continue;
      case DeltaKind::kText:
      case DeltaKind::kRefusal:
        break;
      case DeltaKind::kReasoning:
        text.origin = Origin::kReasoning;
        break;
      case DeltaKind::kToolCall:
        if (!delta.name.empty()) {
          tool = delta.name;
          ++facts.tool_calls;
        }
        text.origin = Origin::kToolArguments;
        text.name = tool;
        break;
      default:
        continue;
    }
    if (!text.text.empty()) facts.texts.push_back(text);
  }
  return facts;
}

base::Result<int64_t> parse_token_count(Dialect dialect, std::string_view body) {
  JsonDocument document;
  if (base::Status parsed = document.parse(body); !parsed) return std::move(parsed).error().within("the answer");
  const Json root = document.root();
  const Json value = dialect == Dialect::kGemini ? root.either("totalTokens") : root["input_tokens"];
  const std::optional<int64_t> tokens = value.integer();
  if (!tokens || *tokens < 0) {
    // Protobuf leaves out a zero.
    if (dialect == Dialect::kGemini && root.is_object() && !value.exists()) return 0;
    return Error{ErrorCode::kInvalidArgument, "the answer says no number of tokens"};
  }
  return *tokens;
}

std::string write_token_count(Dialect dialect, int64_t tokens) {
  const std::string count = std::to_string(tokens);
  if (dialect == Dialect::kGemini) return "{\"totalTokens\":" + count + "}";
  return "{\"input_tokens\":" + count + "}";
}

}  // namespace godseye::genai
