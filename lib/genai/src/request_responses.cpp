#include "media.h"
#include "request_codec.h"

// OpenAI responses: items instead of messages.
namespace godseye::genai {
namespace {

void parse_part(Json part, Message& message, Dropped& dropped) {
  const std::string type = part["type"].str();
  if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text") {
    message.parts.push_back(text_part(part["text"].str()));
  } else if (type == "refusal") {
    message.parts.push_back({.kind = PartKind::kRefusal, .text = part["refusal"].str()});
  } else if (type == "input_image") {
    const Json url = part["image_url"];
    Part media = media_from_url(url.is_object() ? url["url"].str() : url.str());
    media.file_id = part["file_id"].str();
    if (!part["detail"].equals("auto")) media.detail = part["detail"].str();
    message.parts.push_back(std::move(media));
  } else if (type == "input_file") {
    Part media = media_from_url(part["file_data"].is_string() ? part["file_data"].str() : part["file_url"].str());
    if (media.data.empty() && part["file_data"].is_string()) std::swap(media.data, media.url);
    if (media.media_type.empty()) media.media_type = "application/pdf";
    media.file_id = part["file_id"].str();
    media.name = part["filename"].str();
    message.parts.push_back(std::move(media));
  } else {
    add_dropped(dropped, "input.content." + type.substr(0, 64));
  }
}

void parse_content(Json content, Message& message, Dropped& dropped) {
  if (content.is_string()) {
    if (!content.equals("")) message.parts.push_back(text_part(content.str()));
    return;
  }
  for (const Json part : content.items()) parse_part(part, message, dropped);
}

Part parse_result(Json item, Dropped& dropped) {
  Part result{.kind = PartKind::kToolResult, .id = item["call_id"].str()};
  Message content;
  parse_content(item["output"], content, dropped);
  for (Part& part : content.parts) {
    if (part.kind == PartKind::kMedia)
      result.content.push_back(std::move(part));
    else
      result.text += part.text;
  }
  return result;
}

// Reasoning and calls stand beside the assistant's message; here they are its parts.
Message& assistant(std::vector<Message>& messages) {
  if (messages.empty() || messages.back().role != Role::kAssistant) messages.push_back({.role = Role::kAssistant});
  return messages.back();
}

base::Status parse_item(Json item, size_t index, ChatRequest& request) {
  if (!item.is_object()) return wrong("input", index, "", "an item");
  const std::string type = item["type"].str();
  if (type == "function_call") {
    assistant(request.messages)
        .parts.push_back({.kind = PartKind::kToolCall,
                          .text = item["arguments"].str(),
                          .id = item["call_id"].str(),
                          .name = item["name"].str()});
  } else if (type == "function_call_output") {
    tool_message(request.messages).parts.push_back(parse_result(item, request.dropped));
  } else if (type == "reasoning") {
    Part part{.kind = PartKind::kReasoning,
              .text = plain_text(item["summary"]),
              .id = item["id"].str(),
              .signature = item["encrypted_content"].str()};
    assistant(request.messages).parts.push_back(std::move(part));
  } else if (type.empty() || type == "message") {
    Message message;
    const Json role = item["role"];
    if (role.equals("assistant")) {
      parse_content(item["content"], assistant(request.messages), request.dropped);
      return base::ok();
    }
    if (role.equals("system"))
      message.role = Role::kSystem;
    else if (role.equals("developer"))
      message.role = Role::kDeveloper;
    else if (!role.equals("user"))
      return wrong("input", index, ".role", "user, assistant, system or developer");
    parse_content(item["content"], message, request.dropped);
    request.messages.push_back(std::move(message));
  } else {
    add_dropped(request.dropped, "input." + type.substr(0, 64));
  }
  return base::ok();
}

void parse_tools(Json root, ChatRequest& request) {
  for (const Json item : root["tools"].items()) {
    if (!item["type"].equals("function")) {
      add_dropped(request.dropped, "tools." + item["type"].str().substr(0, 64));
      continue;
    }
    Tool tool{.name = item["name"].str(), .description = item["description"].str(), .strict = item["strict"].boolean()};
    if (item["parameters"].is_object()) tool.parameters = item["parameters"].raw();
    request.tools.push_back(std::move(tool));
  }
  const Json choice = root["tool_choice"];
  if (choice.equals("none")) request.tool_choice = ToolChoice::kNone;
  if (choice.equals("auto")) request.tool_choice = ToolChoice::kAuto;
  if (choice.equals("required")) request.tool_choice = ToolChoice::kRequired;
  if (choice["type"].equals("function")) {
    request.tool_choice = ToolChoice::kNamed;
    request.tool_names = {choice["name"].str()};
  }
  if (choice["type"].equals("allowed_tools")) {
    request.tool_choice = choice["mode"].equals("required") ? ToolChoice::kRequired : ToolChoice::kAuto;
    for (const Json tool : choice["tools"].items()) request.tool_names.push_back(tool["name"].str());
  }
}

void parse_settings(Json root, ChatRequest& request) {
  take_sampling(root, request);
  request.max_output_tokens = root["max_output_tokens"].integer();
  request.parallel_tools = root["parallel_tool_calls"].boolean();
  request.reasoning.effort = root["reasoning"]["effort"].str();
  if (root["reasoning"]["summary"].is_string()) request.reasoning.show = true;
  request.user = root["user"].is_string() ? root["user"].str() : root["safety_identifier"].str();
  for (const JsonMember member : root["metadata"].members()) {
    if (member.value.is_string()) request.metadata.emplace_back(member.key.str(), member.value.str());
  }
  const Json format = root["text"]["format"];
  if (format["type"].equals("text")) request.output.kind = OutputKind::kText;
  if (format["type"].equals("json_object")) request.output.kind = OutputKind::kJson;
  if (format["type"].equals("json_schema")) {
    request.output = {.kind = OutputKind::kJsonSchema,
                      .name = format["name"].str(),
                      .schema = schema_or_empty(format["schema"].raw()),
                      .strict = format["strict"].boolean()};
  }
}

// ---- writing ----

void write_media(JsonWriter& w, const Part& part, Dropped& dropped) {
  if (is_audio(part)) return add_dropped(dropped, "messages.audio");
  if (is_image(part)) {
    w.open('{').field("type", "input_image").maybe("image_url", media_url(part)).maybe("file_id", part.file_id);
    w.field("detail", part.detail.empty() ? "auto" : std::string_view(part.detail)).close('}');
    return;
  }
  w.open('{').field("type", "input_file").maybe("file_id", part.file_id).maybe("filename", part.name);
  if (!part.data.empty())
    w.field("file_data", media_url(part));
  else
    w.maybe("file_url", part.url);
  w.close('}');
}

void write_message(JsonWriter& w, const Message& message, Dropped& dropped) {
  static constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "user"};
  const bool assistant = message.role == Role::kAssistant;
  bool open = false;
  for (const Part& part : message.parts) {
    const bool text = part.kind == PartKind::kText || part.kind == PartKind::kRefusal;
    if (!text && part.kind != PartKind::kMedia) continue;
    if (assistant && part.kind == PartKind::kMedia) {
      add_dropped(dropped, "messages.media");
      continue;
    }
    if (!open) {
      w.open('{').field("type", "message").field("role", kRoles[static_cast<size_t>(message.role)]).array("content");
      open = true;
    }
    if (part.kind == PartKind::kMedia) {
      write_media(w, part, dropped);
    } else if (part.kind == PartKind::kRefusal && assistant) {
      w.open('{').field("type", "refusal").field("refusal", part.text).close('}');
    } else {
      w.open('{').field("type", assistant ? "output_text" : "input_text").field("text", part.text);
      if (assistant) w.array("annotations").close(']');
      w.close('}');
    }
  }
  if (open) w.close(']').close('}');
}

void write_result(JsonWriter& w, const Part& part, const CallTable& calls, Dropped& dropped) {
  w.open('{').field("type", "function_call_output").field("call_id", calls.id(part)).key("output");
  if (part.content.empty()) {
    w.value(part.text);
  } else {
    w.open('[');
    if (!part.text.empty()) w.open('{').field("type", "input_text").field("text", part.text).close('}');
    for (const Part& media : part.content) write_media(w, media, dropped);
    w.close(']');
  }
  w.close('}');
}

void write_items(JsonWriter& w, const ChatRequest& request, Dropped& dropped) {
  const CallTable calls(request.messages);
  w.array("input");
  for (const Message& message : request.messages) {
    if (!message.name.empty()) add_dropped(dropped, "messages.name");
    for (const Part& part : message.parts) {
      if (part.kind != PartKind::kReasoning) continue;
      // Only its own provider can take a thought back.
      if (part.signature.empty() || part.id.empty() || part.redacted) {
        add_dropped(dropped, "messages.reasoning");
        continue;
      }
      w.open('{').field("type", "reasoning").field("id", part.id).array("summary");
      if (!part.text.empty()) w.open('{').field("type", "summary_text").field("text", part.text).close('}');
      w.close(']').field("encrypted_content", part.signature).close('}');
    }
    write_message(w, message, dropped);
    for (const Part& part : message.parts) {
      if (part.kind == PartKind::kToolResult) write_result(w, part, calls, dropped);
      if (part.kind != PartKind::kToolCall) continue;
      w.open('{').field("type", "function_call").field("call_id", calls.id(part)).field("name", part.name);
      w.field("arguments", part.text.empty() ? "{}" : std::string_view(part.text)).close('}');
    }
  }
  w.close(']');
}

void write_tools(JsonWriter& w, const ChatRequest& request) {
  if (!request.tools.empty()) {
    w.array("tools");
    for (const Tool& tool : request.tools) {
      w.open('{').field("type", "function").field("name", tool.name).maybe("description", tool.description);
      w.raw_field("parameters", schema_or_empty(tool.parameters))
          .field("strict", tool.strict.value_or(false))
          .close('}');
    }
    w.close(']');
  }
  const std::string_view mode = request.tool_choice == ToolChoice::kRequired ? "required" : "auto";
  if (request.tool_choice == ToolChoice::kUnset) return;
  if (request.tool_choice == ToolChoice::kNone) {
    w.field("tool_choice", "none");
  } else if (request.tool_choice == ToolChoice::kNamed && !request.tool_names.empty()) {
    w.object("tool_choice").field("type", "function").field("name", request.tool_names[0]).close('}');
  } else if (request.tool_names.empty()) {
    w.field("tool_choice", mode);
  } else {
    w.object("tool_choice").field("type", "allowed_tools").field("mode", mode).array("tools");
    for (const std::string& name : request.tool_names) {
      w.open('{').field("type", "function").field("name", name).close('}');
    }
    w.close(']').close('}');
  }
}

void write_format(JsonWriter& w, const OutputFormat& output) {
  if (output.kind == OutputKind::kUnset) return;
  w.object("text").object("format");
  if (output.kind == OutputKind::kText) w.field("type", "text");
  if (output.kind == OutputKind::kJson) w.field("type", "json_object");
  if (output.kind == OutputKind::kJsonSchema) {
    w.field("type", "json_schema").field("name", output.name.empty() ? "answer" : std::string_view(output.name));
    w.raw_field("schema", schema_or_empty(output.schema)).maybe("strict", output.strict);
  }
  w.close('}').close('}');
}

}  // namespace

base::Status parse_responses(Json root, ChatRequest& request) {
  if (root["instructions"].is_string()) {
    request.messages.push_back({.role = Role::kSystem, .parts = {text_part(root["instructions"].str())}});
  }
  const Json input = root["input"];
  if (input.is_string()) {
    request.messages.push_back({.role = Role::kUser, .parts = {text_part(input.str())}});
  } else if (!input.is_array()) {
    return wrong("input", "a text or a list of items");
  }
  size_t index = 0;
  for (const Json item : input.items()) {
    if (base::Status read = parse_item(item, index++, request); !read) return read;
  }
  parse_tools(root, request);
  parse_settings(root, request);
  note_unknown(
      root,
      {"model", "input", "instructions", "stream", "stream_options", "tools", "tool_choice", "temperature", "top_p",
       "max_output_tokens", "parallel_tool_calls", "reasoning", "user", "safety_identifier", "metadata", "text"},
      {}, request.dropped);
  return base::ok();
}

std::string write_responses(const ChatRequest& request, Dropped& dropped) {
  std::string out;
  JsonWriter w(out);
  w.open('{').field("model", request.model);
  write_items(w, request, dropped);
  write_tools(w, request);
  w.maybe("parallel_tool_calls", request.parallel_tools);
  write_sampling(w, request, false);
  w.maybe("max_output_tokens", request.max_output_tokens);
  std::string_view effort = request.reasoning.effort;
  const std::optional<int64_t> budget = request.reasoning.budget_tokens;
  if (effort.empty() && budget) effort = *budget == 0 ? std::string_view("minimal") : effort_of(*budget);
  if (!effort.empty() || request.reasoning.show.value_or(false)) {
    w.object("reasoning").maybe("effort", effort);
    if (request.reasoning.show.value_or(false)) w.field("summary", "auto");
    w.close('}');
  }
  write_format(w, request.output);
  if (request.stream) w.field("stream", true);
  w.maybe("user", request.user);
  if (!request.metadata.empty()) {
    w.object("metadata");
    for (const auto& [key, value] : request.metadata) w.field(key, value);
    w.close('}');
  }
  drop_set(request, {"top_k", "penalties", "seed", "choices", "stop"}, dropped);
  // The state stays with the client, as in the protocols this may come from.
  w.field("store", false).close('}');
  return out;
}

}  // namespace godseye::genai
