#include "media.h"
#include "request_codec.h"
#include "speller.h"

// Ollama chat, and generate (read only).
namespace godseye::genai {
namespace {

void parse_images(Json images, Message& message) {
  for (std::string& data : texts_of(images)) {
    Part part{.kind = PartKind::kMedia, .media_type = std::string(sniff_image(data))};
    part.data = std::move(data);
    message.parts.push_back(std::move(part));
  }
}

base::Status parse_message(Json value, size_t index, ChatRequest& request) {
  if (!value.is_object()) return wrong("messages", index, "", "an object");
  const Json role = value["role"];
  const Json content = value["content"];
  if (content && !content.is_string()) return wrong("messages", index, ".content", "a text");
  if (role.equals("tool")) {
    const Json name = value["tool_name"] ? value["tool_name"] : value["name"];
    Part result{
        .kind = PartKind::kToolResult, .text = content.str(), .id = value["tool_call_id"].str(), .name = name.str()};
    Message images;
    parse_images(value["images"], images);
    result.content = std::move(images.parts);
    tool_message(request.messages).parts.push_back(std::move(result));
    return base::ok();
  }
  Message message;
  if (role.equals("system"))
    message.role = Role::kSystem;
  else if (role.equals("assistant"))
    message.role = Role::kAssistant;
  else if (!role.equals("user"))
    return wrong("messages", index, ".role", "system, user, assistant or tool");
  if (value["thinking"].is_string() && !value["thinking"].equals("")) {
    message.parts.push_back({.kind = PartKind::kReasoning, .text = value["thinking"].str()});
  }
  if (content.is_string() && !content.equals("")) message.parts.push_back(text_part(content.str()));
  parse_images(value["images"], message);
  for (const Json call : value["tool_calls"].items()) {
    const Json function = call["function"];
    message.parts.push_back(
        {.kind = PartKind::kToolCall,
         .text = function["arguments"].is_object() ? std::string(function["arguments"].raw()) : "{}",
         .id = call["id"].str(),
         .name = function["name"].str()});
  }
  request.messages.push_back(std::move(message));
  return base::ok();
}

void parse_settings(Json root, ChatRequest& request) {
  const Json options = root["options"];
  take_sampling(options, request);
  request.top_k = options["top_k"].integer();
  request.max_output_tokens = options["num_predict"].integer();
  if (request.max_output_tokens && *request.max_output_tokens < 0) request.max_output_tokens.reset();  // no limit
  request.stop = texts_of(options["stop"]);
  const Json think = root["think"];
  if (think.is_string()) request.reasoning.effort = think.str();
  if (const auto flag = think.boolean()) {
    request.reasoning.budget_tokens = *flag ? -1 : 0;
    request.reasoning.show = *flag;
  }
  const Json format = root["format"];
  if (format.equals("json")) request.output.kind = OutputKind::kJson;
  if (format.is_object()) request.output = {.kind = OutputKind::kJsonSchema, .schema = std::string(format.raw())};
  note_unknown(
      options,
      {"temperature", "top_p", "top_k", "num_predict", "seed", "stop", "presence_penalty", "frequency_penalty"},
      "options", request.dropped);
}

void write_message(JsonWriter& w, const Message& message, const CallTable& calls, Dropped& dropped) {
  static constexpr std::string_view kRoles[] = {"system", "system", "user", "assistant", "tool"};
  const auto images = [&](const std::vector<Part>& parts) {
    bool any = false;
    for (const Part& part : parts) {
      if (part.kind != PartKind::kMedia) continue;
      if (part.data.empty() || !is_image(part)) {
        add_dropped(dropped, part.data.empty() ? "messages.image_url" : "messages.media");
        continue;
      }
      if (!any) w.array("images");
      any = true;
      w.value(part.data);
    }
    if (any) w.close(']');
  };
  if (message.role == Role::kTool) {
    for (const Part& part : message.parts) {
      w.open('{').field("role", "tool").field("content", part.text).field("tool_name", calls.name(part));
      images(part.content);
      w.close('}');
    }
    return;
  }
  std::string text, thinking;
  bool any_call = false;
  for (const Part& part : message.parts) {
    if (part.kind == PartKind::kText || part.kind == PartKind::kRefusal) text += part.text;
    if (part.kind == PartKind::kReasoning) thinking += part.text;
    any_call = any_call || part.kind == PartKind::kToolCall;
  }
  if (!message.name.empty()) add_dropped(dropped, "messages.name");
  w.open('{')
      .field("role", kRoles[static_cast<size_t>(message.role)])
      .field("content", text)
      .maybe("thinking", thinking);
  images(message.parts);
  if (any_call) {
    w.array("tool_calls");
    for (const Part& part : message.parts) {
      if (part.kind != PartKind::kToolCall) continue;
      w.open('{').maybe("id", part.id).object("function").field("name", part.name);
      w.raw_field("arguments", object_of(part.text)).close('}').close('}');
    }
    w.close(']');
  }
  w.close('}');
}

void write_think(JsonWriter& w, const Reasoning& reasoning) {
  const std::string_view effort = reasoning.effort;
  if (effort == "low" || effort == "medium" || effort == "high") {
    w.field("think", effort);
  } else if (reasoning.budget_tokens) {
    w.field("think", *reasoning.budget_tokens != 0);
  } else if (!effort.empty()) {
    w.field("think", effort != "minimal" && effort != "none");
  } else {
    w.maybe("think", reasoning.show);
  }
}

}  // namespace

base::Status parse_ollama_chat(Json root, ChatRequest& request) {
  if (!root["messages"].is_array()) return wrong("messages", "a list");
  size_t index = 0;
  for (const Json message : root["messages"].items()) {
    if (base::Status read = parse_message(message, index++, request); !read) return read;
  }
  for (const Json item : root["tools"].items()) {
    const Json function = item["function"];
    Tool tool{.name = function["name"].str(), .description = function["description"].str()};
    if (function["parameters"].is_object()) tool.parameters = function["parameters"].raw();
    request.tools.push_back(std::move(tool));
  }
  parse_settings(root, request);
  note_unknown(root, {"model", "messages", "stream", "tools", "options", "think", "format"}, {}, request.dropped);
  return base::ok();
}

base::Status parse_ollama_generate(Json root, ChatRequest& request) {
  if (root["system"].is_string()) {
    request.messages.push_back({.role = Role::kSystem, .parts = {text_part(root["system"].str())}});
  }
  if (root["prompt"] && !root["prompt"].is_string()) return wrong("prompt", "a text");
  Message message{.parts = {text_part(root["prompt"].str())}};
  parse_images(root["images"], message);
  request.messages.push_back(std::move(message));
  parse_settings(root, request);
  note_unknown(root, {"model", "prompt", "system", "images", "stream", "options", "think", "format"}, {},
               request.dropped);
  return base::ok();
}

std::string write_ollama_chat(const ChatRequest& request, Dropped& dropped) {
  std::string out;
  JsonWriter w(out);
  const CallTable calls(request.messages);
  w.open('{').field("model", request.model).array("messages");
  for (const Message& message : request.messages) write_message(w, message, calls, dropped);
  w.close(']');
  if (!request.tools.empty() && request.tool_choice != ToolChoice::kNone) {
    w.array("tools");
    for (const Tool& tool : request.tools) {
      w.open('{').field("type", "function").object("function").field("name", tool.name);
      w.field("description", tool.description)
          .raw_field("parameters", schema_or_empty(tool.parameters))
          .close('}')
          .close('}');
    }
    w.close(']');
  }
  if (request.tool_choice == ToolChoice::kRequired || request.tool_choice == ToolChoice::kNamed) {
    add_dropped(dropped, "tool_choice");
  }
  w.field("stream", request.stream);
  write_think(w, request.reasoning);
  if (request.output.kind == OutputKind::kJson) w.field("format", "json");
  if (request.output.kind == OutputKind::kJsonSchema) w.raw_field("format", schema_or_empty(request.output.schema));
  w.object("options");
  write_sampling(w, request, true);
  w.maybe("top_k", request.top_k).maybe("num_predict", request.max_output_tokens);
  if (!request.stop.empty()) {
    w.array("stop");
    for (const std::string& stop : request.stop) w.value(stop);
    w.close(']');
  }
  w.close('}');
  drop_set(request, {"choices", "user", "metadata", "parallel_tools"}, dropped);
  w.close('}');
  return out;
}

}  // namespace godseye::genai
