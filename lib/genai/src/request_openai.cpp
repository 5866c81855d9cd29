#include "media.h"
#include "request_codec.h"

// OpenAI chat completions, and the older completions (read only).
namespace godseye::genai {
namespace {

void parse_part(Json part, Message& message, Dropped& dropped) {
  const std::string type = part["type"].str();
  if (type == "text" || (type.empty() && part["text"].is_string())) {
    message.parts.push_back(text_part(part["text"].str()));
  } else if (type == "refusal") {
    message.parts.push_back({.kind = PartKind::kRefusal, .text = part["refusal"].str()});
  } else if (type == "image_url") {
    const Json image = part["image_url"];
    Part media = media_from_url(image.is_string() ? image.str() : image["url"].str());
    if (!image["detail"].equals("auto")) media.detail = image["detail"].str();
    message.parts.push_back(std::move(media));
  } else if (type == "input_audio") {
    const Json audio = part["input_audio"];
    message.parts.push_back({.kind = PartKind::kMedia,
                             .media_type = audio["format"].equals("mp3") ? "audio/mpeg" : "audio/wav",
                             .data = audio["data"].str()});
  } else if (type == "file") {
    const Json file = part["file"];
    Part media = media_from_url(file["file_data"].str());
    if (media.data.empty()) std::swap(media.data, media.url);
    if (media.media_type.empty()) media.media_type = "application/pdf";
    media.file_id = file["file_id"].str();
    media.name = file["filename"].str();
    message.parts.push_back(std::move(media));
  } else {
    add_dropped(dropped, "messages.content." + type.substr(0, 64));
  }
}

base::Status parse_content(Json content, size_t index, Message& message, Dropped& dropped) {
  if (content.is_string()) {
    if (!content.equals("")) message.parts.push_back(text_part(content.str()));
  } else if (content.is_array()) {
    for (const Json part : content.items()) {
      if (part.is_string())
        message.parts.push_back(text_part(part.str()));
      else
        parse_part(part, message, dropped);
    }
  } else if (content) {
    return wrong("messages", index, ".content", "a text or a list of parts");
  }
  return base::ok();
}

void parse_calls(Json value, Message& message, Dropped& dropped) {
  for (const Json call : value["tool_calls"].items()) {
    const Json function = call["function"].is_object() ? call["function"] : call["custom"];
    if (!call["function"].is_object()) add_dropped(dropped, "messages.tool_calls.custom");
    Part part{.kind = PartKind::kToolCall,
              .text = function["arguments"].str(),
              .id = call["id"].str(),
              .name = function["name"].str(),
              .signature = call["extra_content"]["google"]["thought_signature"].str()};
    if (function["arguments"].is_object()) part.text = function["arguments"].raw();
    message.parts.push_back(std::move(part));
  }
  if (const Json old = value["function_call"]; old.is_object()) {
    message.parts.push_back({.kind = PartKind::kToolCall, .text = old["arguments"].str(), .name = old["name"].str()});
  }
}

base::Status parse_message(Json value, size_t index, ChatRequest& request) {
  if (!value.is_object()) return wrong("messages", index, "", "an object");
  const std::string role = value["role"].str();
  if (role == "tool" || role == "function") {
    const Json content = value["content"];
    if (content && !content.is_string() && !content.is_array()) {
      return wrong("messages", index, ".content", "a text or a list of parts");
    }
    tool_message(request.messages)
        .parts.push_back({.kind = PartKind::kToolResult,
                          .text = plain_text(content),
                          .id = value["tool_call_id"].str(),
                          .name = value["name"].str()});
    return base::ok();
  }
  Message message{.name = value["name"].str()};
  if (role == "system")
    message.role = Role::kSystem;
  else if (role == "developer")
    message.role = Role::kDeveloper;
  else if (role == "assistant")
    message.role = Role::kAssistant;
  else if (role == "user")
    message.role = Role::kUser;
  else
    return wrong("messages", index, ".role", "system, developer, user, assistant or tool");
  if (message.role == Role::kAssistant) {
    for (const std::string_view name : {"reasoning_content", "reasoning"}) {
      if (value[name].is_string() && !value[name].equals("")) {
        message.parts.push_back({.kind = PartKind::kReasoning, .text = value[name].str()});
        break;
      }
    }
  }
  if (base::Status read = parse_content(value["content"], index, message, request.dropped); !read) return read;
  if (value["refusal"].is_string())
    message.parts.push_back({.kind = PartKind::kRefusal, .text = value["refusal"].str()});
  parse_calls(value, message, request.dropped);
  note_unknown(value,
               {"role", "content", "name", "refusal", "tool_calls", "function_call", "reasoning_content", "reasoning",
                "annotations", "tool_call_id"},
               "messages", request.dropped);
  request.messages.push_back(std::move(message));
  return base::ok();
}

void parse_tools(Json root, ChatRequest& request) {
  const auto function = [&](Json f) {
    Tool tool{.name = f["name"].str(), .description = f["description"].str(), .strict = f["strict"].boolean()};
    if (f["parameters"].is_object()) tool.parameters = f["parameters"].raw();
    request.tools.push_back(std::move(tool));
  };
  for (const Json tool : root["tools"].items()) {
    if (tool["function"].is_object())
      function(tool["function"]);
    else
      add_dropped(request.dropped, "tools." + tool["type"].str().substr(0, 64));
  }
  for (const Json old : root["functions"].items()) function(old);

  const Json choice = root["tool_choice"] ? root["tool_choice"] : root["function_call"];
  if (choice.equals("none"))
    request.tool_choice = ToolChoice::kNone;
  else if (choice.equals("auto"))
    request.tool_choice = ToolChoice::kAuto;
  else if (choice.equals("required"))
    request.tool_choice = ToolChoice::kRequired;
  else if (choice["type"].equals("allowed_tools")) {
    const Json allowed = choice["allowed_tools"].is_object() ? choice["allowed_tools"] : choice;
    request.tool_choice = allowed["mode"].equals("required") ? ToolChoice::kRequired : ToolChoice::kAuto;
    for (const Json tool : allowed["tools"].items()) {
      request.tool_names.push_back(tool["function"].is_object() ? tool["function"]["name"].str() : tool["name"].str());
    }
  } else if (choice.is_object()) {
    request.tool_choice = ToolChoice::kNamed;
    request.tool_names = {choice["function"].is_object() ? choice["function"]["name"].str() : choice["name"].str()};
  }
}

void parse_settings(Json root, ChatRequest& request) {
  take_sampling(root, request);
  request.max_output_tokens = root["max_completion_tokens"].integer();
  if (!request.max_output_tokens) request.max_output_tokens = root["max_tokens"].integer();
  request.choices = root["n"].integer();
  request.stop = texts_of(root["stop"]);
  request.parallel_tools = root["parallel_tool_calls"].boolean();
  request.reasoning.effort = root["reasoning_effort"].str();
  request.stream_usage = root["stream_options"]["include_usage"].boolean().value_or(false);
  request.user = root["user"].is_string() ? root["user"].str() : root["safety_identifier"].str();
  for (const JsonMember member : root["metadata"].members()) {
    if (member.value.is_string()) request.metadata.emplace_back(member.key.str(), member.value.str());
  }
  const Json format = root["response_format"];
  if (format["type"].equals("text")) request.output.kind = OutputKind::kText;
  if (format["type"].equals("json_object")) request.output.kind = OutputKind::kJson;
  if (format["type"].equals("json_schema")) {
    const Json schema = format["json_schema"];
    request.output = {.kind = OutputKind::kJsonSchema,
                      .name = schema["name"].str(),
                      .schema = schema_or_empty(schema["schema"].raw()),
                      .strict = schema["strict"].boolean()};
  }
}

// ---- writing ----

void write_media(JsonWriter& w, const Part& part) {
  w.open('{');
  if (is_audio(part) && !part.data.empty()) {
    w.field("type", "input_audio").object("input_audio").field("data", part.data);
    w.field("format", part.media_type == "audio/mpeg" || part.media_type == "audio/mp3" ? "mp3" : "wav").close('}');
  } else if (is_image(part) && part.file_id.empty()) {
    w.field("type", "image_url")
        .object("image_url")
        .field("url", media_url(part))
        .maybe("detail", part.detail)
        .close('}');
  } else {
    w.field("type", "file").object("file").maybe("file_id", part.file_id).maybe("filename", part.name);
    w.maybe("file_data", media_url(part)).close('}');
  }
  w.close('}');
}

void write_content(JsonWriter& w, const Message& message) {
  size_t texts = 0, others = 0;
  for (const Part& part : message.parts) {
    texts += part.kind == PartKind::kText;
    others += part.kind == PartKind::kMedia || part.kind == PartKind::kRefusal;
  }
  if (texts + others == 0) {
    message.role == Role::kAssistant ? w.null() : w.value("");
    return;
  }
  if (texts == 1 && others == 0) {
    for (const Part& part : message.parts) {
      if (part.kind == PartKind::kText) w.value(part.text);
    }
    return;
  }
  w.open('[');
  for (const Part& part : message.parts) {
    if (part.kind == PartKind::kText) w.open('{').field("type", "text").field("text", part.text).close('}');
    if (part.kind == PartKind::kRefusal) w.open('{').field("type", "refusal").field("refusal", part.text).close('}');
    if (part.kind == PartKind::kMedia) write_media(w, part);
  }
  w.close(']');
}

void write_calls(JsonWriter& w, const Message& message, const CallTable& calls) {
  bool any = false;
  for (const Part& part : message.parts) {
    if (part.kind != PartKind::kToolCall) continue;
    if (!any) w.array("tool_calls");
    any = true;
    w.open('{').field("id", calls.id(part)).field("type", "function").object("function").field("name", part.name);
    w.field("arguments", part.text.empty() ? "{}" : std::string_view(part.text)).close('}');
    if (!part.signature.empty()) {
      w.object("extra_content").object("google").field("thought_signature", part.signature).close('}').close('}');
    }
    w.close('}');
  }
  if (any) w.close(']');
}

void write_tool_results(JsonWriter& w, const Message& message, const CallTable& calls) {
  std::vector<const Part*> media;
  for (const Part& part : message.parts) {
    if (part.kind != PartKind::kToolResult) continue;
    w.open('{').field("role", "tool").field("tool_call_id", calls.id(part)).field("content", part.text).close('}');
    for (const Part& item : part.content) media.push_back(&item);
  }
  if (media.empty()) return;
  // Tool messages take text only: pictures follow as the user's.
  w.open('{').field("role", "user").array("content");
  for (const Part* part : media) write_media(w, *part);
  w.close(']').close('}');
}

void write_message(JsonWriter& w, const Message& message, const CallTable& calls, Dropped& dropped) {
  static constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool"};
  if (message.role == Role::kTool) return write_tool_results(w, message, calls);
  w.open('{').field("role", kRoles[static_cast<size_t>(message.role)]).maybe("name", message.name).key("content");
  write_content(w, message);
  for (const Part& part : message.parts) {
    if (part.kind == PartKind::kReasoning) add_dropped(dropped, "messages.reasoning");
  }
  write_calls(w, message, calls);
  w.close('}');
}

void write_tools(JsonWriter& w, const ChatRequest& request) {
  if (!request.tools.empty()) {
    w.array("tools");
    for (const Tool& tool : request.tools) {
      w.open('{').field("type", "function").object("function").field("name", tool.name);
      w.maybe("description", tool.description).raw_field("parameters", schema_or_empty(tool.parameters));
      w.maybe("strict", tool.strict).close('}').close('}');
    }
    w.close(']');
  }
  const bool some = !request.tool_names.empty();
  switch (request.tool_choice) {
    case ToolChoice::kUnset:
      return;
    case ToolChoice::kNone:
      w.field("tool_choice", "none");
      return;
    case ToolChoice::kNamed:
      w.object("tool_choice").field("type", "function").object("function");
      w.field("name", some ? request.tool_names[0] : std::string()).close('}').close('}');
      return;
    default:
      break;
  }
  const std::string_view mode = request.tool_choice == ToolChoice::kRequired ? "required" : "auto";
  if (!some) {
    w.field("tool_choice", mode);
    return;
  }
  w.object("tool_choice").field("type", "allowed_tools").object("allowed_tools").field("mode", mode).array("tools");
  for (const std::string& name : request.tool_names) {
    w.open('{').field("type", "function").object("function").field("name", name).close('}').close('}');
  }
  w.close(']').close('}').close('}');
}

void write_format(JsonWriter& w, const OutputFormat& output) {
  if (output.kind == OutputKind::kUnset) return;
  w.object("response_format");
  if (output.kind == OutputKind::kText) w.field("type", "text");
  if (output.kind == OutputKind::kJson) w.field("type", "json_object");
  if (output.kind == OutputKind::kJsonSchema) {
    w.field("type", "json_schema").object("json_schema");
    w.field("name", output.name.empty() ? "answer" : std::string_view(output.name));
    w.raw_field("schema", schema_or_empty(output.schema)).maybe("strict", output.strict).close('}');
  }
  w.close('}');
}

}  // namespace

base::Status parse_openai_chat(Json root, ChatRequest& request) {
  if (!root["messages"].is_array()) return wrong("messages", "a list");
  size_t index = 0;
  for (const Json message : root["messages"].items()) {
    if (base::Status read = parse_message(message, index++, request); !read) return read;
  }
  parse_tools(root, request);
  parse_settings(root, request);
  note_unknown(root,
               {"model",
                "messages",
                "stream",
                "stream_options",
                "tools",
                "functions",
                "tool_choice",
                "function_call",
                "temperature",
                "top_p",
                "presence_penalty",
                "frequency_penalty",
                "seed",
                "max_tokens",
                "max_completion_tokens",
                "n",
                "stop",
                "parallel_tool_calls",
                "reasoning_effort",
                "user",
                "safety_identifier",
                "metadata",
                "response_format"},
               {}, request.dropped);
  return base::ok();
}

base::Status parse_completions(Json root, ChatRequest& request) {
  std::vector<std::string> prompts = texts_of(root["prompt"]);
  if (prompts.size() != 1) return wrong("prompt", "one text");
  request.messages.push_back({.role = Role::kUser, .parts = {text_part(std::move(prompts[0]))}});
  parse_settings(root, request);
  note_unknown(root,
               {"model", "prompt", "stream", "stream_options", "temperature", "top_p", "presence_penalty",
                "frequency_penalty", "seed", "max_tokens", "n", "stop", "user"},
               {}, request.dropped);
  return base::ok();
}

std::string write_openai_chat(const ChatRequest& request, Dropped& dropped) {
  std::string out;
  JsonWriter w(out);
  const CallTable calls(request.messages);
  w.open('{').field("model", request.model).array("messages");
  for (const Message& message : request.messages) write_message(w, message, calls, dropped);
  w.close(']');
  write_tools(w, request);
  w.maybe("parallel_tool_calls", request.parallel_tools);
  write_sampling(w, request, true);
  w.maybe("max_completion_tokens", request.max_output_tokens).maybe("n", request.choices);
  if (!request.stop.empty()) {
    w.array("stop");
    for (const std::string& stop : request.stop) w.value(stop);
    w.close(']');
  }
  if (!request.reasoning.effort.empty()) {
    w.field("reasoning_effort", request.reasoning.effort);
  } else if (request.reasoning.budget_tokens && *request.reasoning.budget_tokens >= 0) {
    const int64_t budget = *request.reasoning.budget_tokens;
    w.field("reasoning_effort", budget == 0 ? std::string_view("minimal") : effort_of(budget));
  }
  write_format(w, request.output);
  if (request.stream) w.field("stream", true);
  if (request.stream && request.stream_usage) w.object("stream_options").field("include_usage", true).close('}');
  w.maybe("user", request.user);
  if (!request.metadata.empty()) {
    w.object("metadata");
    for (const auto& [key, value] : request.metadata) w.field(key, value);
    w.close('}');
  }
  drop_set(request, {"top_k"}, dropped);
  w.close('}');
  return out;
}

}  // namespace godseye::genai
