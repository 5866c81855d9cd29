#include "request_codec.h"

#include <algorithm>
#include <deque>

namespace godseye::genai {

using base::Error;
using base::ErrorCode;

Error wrong(std::string_view where, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, std::string(where) + ": expected " + std::string(expected)};
}

Error wrong(std::string_view list, size_t index, std::string_view rest, std::string_view expected) {
  return wrong(std::string(list) + "[" + std::to_string(index) + "]" + std::string(rest), expected);
}

Part text_part(std::string text) { return {.kind = PartKind::kText, .text = std::move(text)}; }

Message& tool_message(std::vector<Message>& messages) {
  if (messages.empty() || messages.back().role != Role::kTool) messages.push_back({.role = Role::kTool});
  return messages.back();
}

std::string plain_text(Json content) {
  if (content.is_string()) return content.str();
  if (content.is_object()) return content["text"].str();
  std::string text;
  for (const Json part : content.items()) text += part.is_string() ? part.str() : part["text"].str();
  return text;
}

std::vector<std::string> texts_of(Json value) {
  std::vector<std::string> out;
  if (value.is_string()) out.push_back(value.str());
  for (const Json item : value.items()) {
    if (item.is_string()) out.push_back(item.str());
  }
  return out;
}

void take_sampling(Json root, ChatRequest& request) {
  request.temperature = root["temperature"].number();
  request.top_p = root["top_p"].number();
  request.presence_penalty = root["presence_penalty"].number();
  request.frequency_penalty = root["frequency_penalty"].number();
  request.seed = root["seed"].integer();
}

void write_sampling(JsonWriter& w, const ChatRequest& request, bool penalties) {
  w.maybe("temperature", request.temperature).maybe("top_p", request.top_p);
  if (!penalties) return;
  w.maybe("presence_penalty", request.presence_penalty).maybe("frequency_penalty", request.frequency_penalty);
  w.maybe("seed", request.seed);
}

std::string schema_or_empty(std::string_view schema) {
  if (is_json(schema, true)) return std::string(schema);
  return R"({"type":"object","properties":{}})";
}

std::vector<std::string_view> system_texts(const ChatRequest& request) {
  std::vector<std::string_view> out;
  for (const Message& message : request.messages) {
    if (message.role != Role::kSystem && message.role != Role::kDeveloper) continue;
    for (const Part& part : message.parts) {
      if (part.kind == PartKind::kText) out.push_back(part.text);
    }
  }
  return out;
}

void drop_set(const ChatRequest& request, std::initializer_list<std::string_view> names, Dropped& dropped) {
  const auto is_set = [&](std::string_view name) {
    if (name == "top_k") return request.top_k.has_value();
    if (name == "seed") return request.seed.has_value();
    if (name == "choices") return request.choices.value_or(1) != 1;
    if (name == "user") return !request.user.empty();
    if (name == "metadata") return !request.metadata.empty();
    if (name == "stop") return !request.stop.empty();
    if (name == "penalties") return request.presence_penalty || request.frequency_penalty;
    if (name == "parallel_tools") return request.parallel_tools.has_value();
    if (name == "reasoning") return !(request.reasoning == Reasoning{});
    return false;
  };
  for (const std::string_view name : names) {
    if (is_set(name)) add_dropped(dropped, name);
  }
}

std::string_view effort_of(int64_t budget_tokens) {
  if (budget_tokens < 0) return "medium";
  return budget_tokens <= 2048 ? "low" : budget_tokens <= 8192 ? "medium" : "high";
}

int64_t budget_of(std::string_view effort) {
  if (effort == "none") return 0;
  if (effort == "minimal") return 512;
  if (effort == "low") return 2048;
  if (effort == "medium") return 8192;
  return 24576;
}

CallTable::CallTable(const std::vector<Message>& messages) {
  std::deque<const Part*> open;  // calls whose result has not come
  size_t made = 0;
  for (const Message& message : messages) {
    for (const Part& part : message.parts) {
      if (part.kind == PartKind::kToolCall) {
        Entry& entry = entries_[&part];
        entry.id = part.id.empty() ? "call_" + std::to_string(made++) : part.id;
        entry.name = part.name;
        open.push_back(&part);
      } else if (part.kind == PartKind::kToolResult) {
        auto call = std::find_if(open.begin(), open.end(), [&](const Part* candidate) {
          return part.id.empty() ? part.name.empty() || candidate->name == part.name
                                 : entries_[candidate].id == part.id;
        });
        Entry entry{part.id, part.name};
        if (call != open.end()) {
          if (entry.id.empty()) entry.id = entries_[*call].id;
          if (entry.name.empty()) entry.name = entries_[*call].name;
          open.erase(call);
        }
        if (entry.id.empty()) entry.id = "call_" + std::to_string(made++);
        if (entry.name.empty()) entry.name = entry.id;
        entries_[&part] = std::move(entry);
      }
    }
  }
}

std::string_view CallTable::id(const Part& part) const {
  const auto found = entries_.find(&part);
  return found == entries_.end() ? std::string_view(part.id) : std::string_view(found->second.id);
}

std::string_view CallTable::name(const Part& part) const {
  const auto found = entries_.find(&part);
  return found == entries_.end() ? std::string_view(part.name) : std::string_view(found->second.name);
}

base::Result<ChatRequest> parse_request(const Call& call, std::string_view body) {
  JsonDocument document;
  if (base::Status parsed = document.parse(body); !parsed) return std::move(parsed).error();
  Json root = document.root();
  if (!root.is_object()) return Error{ErrorCode::kInvalidArgument, "the body is not a JSON object"};
  if (call.operation != Operation::kChat && call.operation != Operation::kCountTokens) {
    return Error{ErrorCode::kUnimplemented, "not a chat"};
  }
  ChatRequest request;
  if (call.dialect == Dialect::kGemini && call.operation == Operation::kCountTokens) {
    if (const Json inner = root.either("generateContentRequest"); inner.is_object()) root = inner;
  }
  request.model = call.model.empty() ? root["model"].str() : call.model;
  request.stream = call.streams_by_path;
  if (call.family != Family::kGemini)
    request.stream = call.streams_by_path || root["stream"].boolean().value_or(call.streams_unless_told);
  base::Status parsed = base::ok();
  switch (call.dialect) {
    case Dialect::kOpenAiChat:
      parsed = parse_openai_chat(root, request);
      break;
    case Dialect::kOpenAiCompletions:
      parsed = parse_completions(root, request);
      break;
    case Dialect::kOpenAiResponses:
      parsed = parse_responses(root, request);
      break;
    case Dialect::kGemini:
      parsed = parse_gemini(root, request);
      break;
    case Dialect::kAnthropic:
      parsed = parse_anthropic(root, request);
      break;
    case Dialect::kOllamaChat:
      parsed = parse_ollama_chat(root, request);
      break;
    case Dialect::kOllamaGenerate:
      parsed = parse_ollama_generate(root, request);
      break;
    default:
      return Error{ErrorCode::kUnimplemented, "not a protocol of chats"};
  }
  if (!parsed) return std::move(parsed).error();
  return request;
}

base::Result<std::string> write_request(Dialect dialect, const ChatRequest& request, Dropped* into,
                                        Operation operation) {
  Dropped own;
  Dropped& dropped = into != nullptr ? *into : own;
  const bool count = operation == Operation::kCountTokens;
  if (count && dialect != Dialect::kGemini && dialect != Dialect::kAnthropic) {
    return Error{ErrorCode::kUnimplemented, "this protocol does not count tokens"};
  }
  switch (dialect) {
    case Dialect::kOpenAiChat:
      return write_openai_chat(request, dropped);
    case Dialect::kOpenAiResponses:
      return write_responses(request, dropped);
    case Dialect::kGemini:
      return write_gemini(request, dropped, count);
    case Dialect::kAnthropic:
      return write_anthropic(request, dropped, count);
    case Dialect::kOllamaChat:
      return write_ollama_chat(request, dropped);
    default:
      return Error{ErrorCode::kUnimplemented, "requests are not written in this protocol"};
  }
}

}  // namespace godseye::genai
