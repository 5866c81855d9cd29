#include "media.h"
#include "request_codec.h"
#include "speller.h"

#include <algorithm>

// Anthropic messages.
namespace godseye::genai {
namespace {

// Image and document blocks; false for any other.
bool parse_media(Json block, Part& part, Dropped& dropped) {
  const Json type = block["type"];
  if (!type.equals("image") && !type.equals("document")) return false;
  const Json source = block["source"];
  part.kind = PartKind::kMedia;
  part.name = block["title"].str();
  part.media_type = source["media_type"].str();
  if (source["type"].equals("base64")) {
    part.data = source["data"].str();
  } else if (source["type"].equals("url")) {
    part.url = source["url"].str();
    if (type.equals("document") && part.media_type.empty()) part.media_type = "application/pdf";
  } else if (source["type"].equals("file")) {
    part.file_id = source["file_id"].str();
  } else {
    // A document as text: what the model reads is its text.
    part = text_part(source["type"].equals("text") ? source["data"].str() : plain_text(source["content"]));
    add_dropped(dropped, "messages.content.document");
  }
  return true;
}

Part parse_result(Json block, Dropped& dropped) {
  Part result{.kind = PartKind::kToolResult, .id = block["tool_use_id"].str()};
  result.is_error = block["is_error"].boolean().value_or(false);
  const Json content = block["content"];
  if (content.is_string()) result.text = content.str();
  for (const Json item : content.items()) {
    Part part;
    if (item["type"].equals("text")) {
      result.text += item["text"].str();
    } else if (parse_media(item, part, dropped)) {
      if (part.kind == PartKind::kMedia)
        result.content.push_back(std::move(part));
      else
        result.text += part.text;
    } else {
      add_dropped(dropped, "messages.tool_result." + item["type"].str().substr(0, 64));
    }
  }
  return result;
}

void parse_block(Json block, Message& message, Dropped& dropped) {
  const std::string type = block["type"].str();
  Part part;
  if (type == "text") {
    message.parts.push_back(text_part(block["text"].str()));
  } else if (type == "tool_use") {
    message.parts.push_back({.kind = PartKind::kToolCall,
                             .text = block["input"].is_object() ? std::string(block["input"].raw()) : "{}",
                             .id = block["id"].str(),
                             .name = block["name"].str()});
  } else if (type == "thinking") {
    message.parts.push_back(
        {.kind = PartKind::kReasoning, .text = block["thinking"].str(), .signature = block["signature"].str()});
  } else if (type == "redacted_thinking") {
    message.parts.push_back({.kind = PartKind::kReasoning, .signature = block["data"].str(), .redacted = true});
  } else if (type == "search_result") {
    message.parts.push_back(text_part(plain_text(block["content"])));
    add_dropped(dropped, "messages.content.search_result");
  } else if (parse_media(block, part, dropped)) {
    message.parts.push_back(std::move(part));
  } else {
    add_dropped(dropped, "messages.content." + type.substr(0, 64));
  }
  if (block["cache_control"]) add_dropped(dropped, "cache_control");
  if (block["citations"]) add_dropped(dropped, "citations");
}

base::Status parse_message(Json value, size_t index, ChatRequest& request) {
  if (!value.is_object()) return wrong("messages", index, "", "an object");
  Message message;
  if (value["role"].equals("assistant"))
    message.role = Role::kAssistant;
  else if (value["role"].equals("system"))
    message.role = Role::kSystem;
  else if (!value["role"].equals("user"))
    return wrong("messages", index, ".role", "user or assistant");
  const Json content = value["content"];
  if (content.is_string()) {
    message.parts.push_back(text_part(content.str()));
  } else if (!content.is_array()) {
    return wrong("messages", index, ".content", "a text or a list of blocks");
  }
  for (const Json block : content.items()) {
    if (block["type"].equals("tool_result")) {
      tool_message(request.messages).parts.push_back(parse_result(block, request.dropped));
    } else {
      parse_block(block, message, request.dropped);
    }
  }
  // Results stand first in a message; what the user adds to them is a message of its own here.
  if (!message.parts.empty() || content.size() == 0) request.messages.push_back(std::move(message));
  return base::ok();
}

void parse_tools(Json root, ChatRequest& request) {
  for (const Json item : root["tools"].items()) {
    if (item["type"] && !item["type"].equals("custom")) {
      add_dropped(request.dropped, "tools." + item["type"].str().substr(0, 64));
      continue;
    }
    Tool tool{.name = item["name"].str(), .description = item["description"].str(), .strict = item["strict"].boolean()};
    if (item["input_schema"].is_object()) tool.parameters = item["input_schema"].raw();
    request.tools.push_back(std::move(tool));
  }
  const Json choice = root["tool_choice"];
  if (choice["type"].equals("auto")) request.tool_choice = ToolChoice::kAuto;
  if (choice["type"].equals("any")) request.tool_choice = ToolChoice::kRequired;
  if (choice["type"].equals("none")) request.tool_choice = ToolChoice::kNone;
  if (choice["type"].equals("tool")) {
    request.tool_choice = ToolChoice::kNamed;
    request.tool_names = {choice["name"].str()};
  }
  if (const auto serial = choice["disable_parallel_tool_use"].boolean()) request.parallel_tools = !*serial;
}

void parse_settings(Json root, ChatRequest& request) {
  take_sampling(root, request);
  request.top_k = root["top_k"].integer();
  request.max_output_tokens = root["max_tokens"].integer();
  request.stop = texts_of(root["stop_sequences"]);
  request.user = root["metadata"]["user_id"].str();
  const Json thinking = root["thinking"];
  if (thinking["type"].equals("enabled")) request.reasoning.budget_tokens = thinking["budget_tokens"].integer();
  if (thinking["type"].equals("disabled")) request.reasoning.budget_tokens = 0;
  if (thinking["type"].equals("adaptive") || thinking["type"].equals("between_tools")) {
    request.reasoning.budget_tokens = -1;
  }
  request.reasoning.effort = root["output_config"]["effort"].str();
  const Json format = root["output_config"]["format"];
  if (format["type"].equals("json_schema")) {
    request.output = {.kind = OutputKind::kJsonSchema, .schema = schema_or_empty(format["schema"].raw())};
  }
}

// ---- writing ----

void write_media(JsonWriter& w, const Part& part, Dropped& dropped) {
  const bool document = !is_image(part);
  if (is_audio(part) || (part.data.empty() && part.url.empty() && part.file_id.empty())) {
    return add_dropped(dropped, "messages.audio");
  }
  std::string type = part.media_type;
  if (type.empty() && !part.data.empty()) type = sniff_image(part.data);
  w.open('{').field("type", document ? "document" : "image").object("source");
  if (!part.data.empty()) {
    w.field("type", "base64").field("media_type", type.empty() ? "image/png" : std::string_view(type));
    w.field("data", part.data);
  } else if (!part.url.empty()) {
    w.field("type", "url").field("url", part.url);
  } else {
    w.field("type", "file").field("file_id", part.file_id);
  }
  w.close('}');
  if (document) w.maybe("title", part.name);
  w.close('}');
}

void write_result(JsonWriter& w, const Part& part, const CallTable& calls, Dropped& dropped) {
  w.open('{').field("type", "tool_result").field("tool_use_id", calls.id(part)).key("content");
  if (part.content.empty()) {
    w.value(part.text);
  } else {
    w.open('[');
    if (!part.text.empty()) w.open('{').field("type", "text").field("text", part.text).close('}');
    for (const Part& media : part.content) write_media(w, media, dropped);
    w.close(']');
  }
  if (part.is_error) w.field("is_error", true);
  w.close('}');
}

void write_part(JsonWriter& w, const Part& part, const CallTable& calls, Dropped& dropped) {
  switch (part.kind) {
    case PartKind::kText:
    case PartKind::kRefusal:
      // The API refuses empty texts.
      if (!part.text.empty()) w.open('{').field("type", "text").field("text", part.text).close('}');
      break;
    case PartKind::kReasoning:
      if (part.redacted) {
        w.open('{').field("type", "redacted_thinking").field("data", part.signature).close('}');
      } else if (!part.text.empty() && !part.signature.empty()) {
        w.open('{')
            .field("type", "thinking")
            .field("thinking", part.text)
            .field("signature", part.signature)
            .close('}');
      } else {
        add_dropped(dropped, "messages.reasoning");  // without its signature it would be refused
      }
      break;
    case PartKind::kMedia:
      write_media(w, part, dropped);
      break;
    case PartKind::kToolCall:
      w.open('{').field("type", "tool_use").field("id", calls.id(part)).field("name", part.name);
      w.raw_field("input", object_of(part.text)).close('}');
      break;
    case PartKind::kToolResult:
      write_result(w, part, calls, dropped);
      break;
  }
}

// The API refuses messages without content.
bool says_something(const Message& message) {
  for (const Part& part : message.parts) {
    const bool text = part.kind == PartKind::kText || part.kind == PartKind::kRefusal;
    const bool thought = part.kind == PartKind::kReasoning;
    if (text ? !part.text.empty() : !thought || part.redacted || !part.signature.empty()) return true;
  }
  return false;
}

// Turns alternate: neighbours of one role are one message.
void write_messages(JsonWriter& w, const ChatRequest& request, Dropped& dropped) {
  const CallTable calls(request.messages);
  int open = -1;
  w.array("messages");
  for (const Message& message : request.messages) {
    if (message.role == Role::kSystem || message.role == Role::kDeveloper) continue;
    if (!message.name.empty()) add_dropped(dropped, "messages.name");
    if (!says_something(message)) continue;
    const int role = message.role == Role::kAssistant ? 1 : 0;
    if (role != open) {
      if (open >= 0) w.close(']').close('}');
      w.open('{').field("role", role ? "assistant" : "user").array("content");
      open = role;
    }
    for (const Part& part : message.parts) write_part(w, part, calls, dropped);
  }
  if (open >= 0) w.close(']').close('}');
  w.close(']');
}

void write_tools(JsonWriter& w, const ChatRequest& request, Dropped& dropped) {
  if (!request.tools.empty()) {
    w.array("tools");
    for (const Tool& tool : request.tools) {
      w.open('{').field("name", tool.name).maybe("description", tool.description);
      w.raw_field("input_schema", schema_or_empty(tool.parameters)).maybe("strict", tool.strict).close('}');
    }
    w.close(']');
  }
  if (request.tool_choice == ToolChoice::kUnset && !request.parallel_tools) return;
  if (request.tools.empty()) return;
  w.object("tool_choice");
  switch (request.tool_choice) {
    case ToolChoice::kNone:
      w.field("type", "none");
      break;
    case ToolChoice::kRequired:
      w.field("type", "any");
      break;
    case ToolChoice::kNamed:
      w.field("type", "tool").field("name", request.tool_names.empty() ? std::string() : request.tool_names[0]);
      break;
    default:
      w.field("type", "auto");
  }
  if (request.parallel_tools && request.tool_choice != ToolChoice::kNone) {
    w.field("disable_parallel_tool_use", !*request.parallel_tools);
  }
  w.close('}');
  if (request.tool_choice != ToolChoice::kNamed && !request.tool_names.empty())
    add_dropped(dropped, "tool_choice.tools");
}

// The last turn with tool calls must begin with its signed thoughts once thinking is on; other dialects lose them.
bool may_think(const ChatRequest& request) {
  for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
    if (message->role != Role::kAssistant) continue;
    bool calls = false, thoughts = false;
    for (const Part& part : message->parts) {
      calls = calls || part.kind == PartKind::kToolCall;
      thoughts = thoughts || (part.kind == PartKind::kReasoning && !part.signature.empty());
    }
    return thoughts || !calls;
  }
  return true;
}

void write_reasoning(JsonWriter& w, const ChatRequest& request, int64_t max_tokens, Dropped& dropped) {
  const bool thinks = request.reasoning.budget_tokens.value_or(0) != 0;
  const bool may = !thinks || may_think(request);
  if (!may) add_dropped(dropped, "reasoning");
  // The budget must leave room for the answer, and under 1024 there is none.
  if (const std::optional<int64_t> budget = request.reasoning.budget_tokens; budget && may) {
    if (*budget == 0) w.object("thinking").field("type", "disabled").close('}');
    if (*budget < 0) w.object("thinking").field("type", "adaptive").close('}');
    const int64_t fits = std::min(*budget, max_tokens - 1);
    if (*budget > 0 && fits >= 1024) {
      w.object("thinking").field("type", "enabled").field("budget_tokens", fits).close('}');
    }
  }
  std::string_view effort = request.reasoning.effort;
  if (effort == "minimal" || effort == "none") effort = "low";
  if (effort.empty() && request.output.kind != OutputKind::kJsonSchema) return;
  w.object("output_config").maybe("effort", effort);
  if (request.output.kind == OutputKind::kJsonSchema) {
    w.object("format")
        .field("type", "json_schema")
        .raw_field("schema", schema_or_empty(request.output.schema))
        .close('}');
  }
  w.close('}');
}

}  // namespace

base::Status parse_anthropic(Json root, ChatRequest& request) {
  const Json system = root["system"];
  if (system.is_string()) {
    request.messages.push_back({.role = Role::kSystem, .parts = {text_part(system.str())}});
  } else if (system.size() > 0) {
    Message message{.role = Role::kSystem};
    for (const Json block : system.items()) parse_block(block, message, request.dropped);
    request.messages.push_back(std::move(message));
  }
  if (!root["messages"].is_array()) return wrong("messages", "a list");
  size_t index = 0;
  for (const Json message : root["messages"].items()) {
    if (base::Status read = parse_message(message, index++, request); !read) return read;
  }
  parse_tools(root, request);
  parse_settings(root, request);
  note_unknown(root,
               {"model", "messages", "system", "stream", "tools", "tool_choice", "temperature", "top_p", "top_k",
                "max_tokens", "stop_sequences", "metadata", "thinking", "output_config"},
               {}, request.dropped);
  return base::ok();
}

std::string write_anthropic(const ChatRequest& request, Dropped& dropped, bool count_tokens) {
  std::string out;
  JsonWriter w(out);
  const int64_t max_tokens = std::max<int64_t>(1, request.max_output_tokens.value_or(kAnthropicMaxTokensDefault));
  w.open('{').field("model", request.model);
  if (!count_tokens) w.field("max_tokens", max_tokens);
  if (const std::vector<std::string_view> system = system_texts(request); system.size() == 1) {
    w.maybe("system", system[0]);
  } else if (!system.empty()) {
    w.array("system");
    for (const std::string_view text : system) {
      if (!text.empty()) w.open('{').field("type", "text").field("text", text).close('}');
    }
    w.close(']');
  }
  write_messages(w, request, dropped);
  write_tools(w, request, dropped);
  write_reasoning(w, request, max_tokens, dropped);
  if (!count_tokens) {
    // Others go to 2, this one to 1.
    if (request.temperature) w.field("temperature", std::clamp(*request.temperature, 0.0, 1.0));
    w.maybe("top_p", request.top_p).maybe("top_k", request.top_k);
    if (!request.stop.empty()) {
      w.array("stop_sequences");
      for (const std::string& stop : request.stop) w.value(stop);
      w.close(']');
    }
    if (!request.user.empty()) w.object("metadata").field("user_id", request.user).close('}');
    if (request.stream) w.field("stream", true);
  }
  if (request.output.kind == OutputKind::kJson) add_dropped(dropped, "response_format");
  drop_set(request, {"penalties", "seed", "choices", "metadata"}, dropped);
  w.close('}');
  return out;
}

}  // namespace godseye::genai
