#include "media.h"
#include "request_codec.h"
#include "schema.h"
#include "speller.h"

// Gemini generateContent and countTokens.
namespace godseye::genai {
namespace {

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Part media_part(Json data, Json file) {
  Part part{.kind = PartKind::kMedia};
  const Json source = data.is_object() ? data : file;
  part.media_type = source.either("mimeType").str();
  part.name = source.either("displayName").str();
  part.data = data["data"].str();
  part.url = file.either("fileUri").str();
  return part;
}

// The response object {"result": "text"} or {"output": "text"} is its text; anything else stays JSON.
Part result_part(Json response) {
  Part part{.kind = PartKind::kToolResult, .id = response["id"].str(), .name = response["name"].str()};
  const Json value = response["response"];
  for (const std::string_view name : {"result", "output", "error"}) {
    if (value.size() == 1 && value[name].is_string()) {
      part.text = value[name].str();
      part.is_error = name == "error";
      return part;
    }
  }
  part.text = value.is_object() ? value.raw() : std::string_view("{}");
  part.is_json = true;
  return part;
}

void parse_part(Json value, Message& message, ChatRequest& request) {
  const std::string signature = value.either("thoughtSignature").str();
  if (const Json call = value.either("functionCall"); call.is_object()) {
    message.parts.push_back({.kind = PartKind::kToolCall,
                             .text = call["args"].is_object() ? std::string(call["args"].raw()) : "{}",
                             .id = call["id"].str(),
                             .name = call["name"].str(),
                             .signature = signature});
    return;
  }
  if (const Json response = value.either("functionResponse"); response.is_object()) {
    Part result = result_part(response);
    for (const Json item : response["parts"].items()) {
      result.content.push_back(media_part(item.either("inlineData"), item.either("fileData")));
    }
    tool_message(request.messages).parts.push_back(std::move(result));
    return;
  }
  const Json data = value.either("inlineData"), file = value.either("fileData");
  if (data.is_object() || file.is_object()) {
    message.parts.push_back(media_part(data, file));
  } else if (value["thought"].boolean().value_or(false)) {
    message.parts.push_back({.kind = PartKind::kReasoning, .text = value["text"].str(), .signature = signature});
    return;
  } else if (value["text"].is_string()) {
    if (!value["text"].equals("") || signature.empty()) message.parts.push_back(text_part(value["text"].str()));
  } else {
    for (const JsonMember member : value.members())
      add_dropped(request.dropped, "parts." + member.key.str().substr(0, 64));
  }
  if (!signature.empty()) message.parts.push_back({.kind = PartKind::kReasoning, .signature = signature});
}

base::Status parse_content(Json content, size_t index, ChatRequest& request) {
  Message message;
  if (content.is_string()) {
    message.parts.push_back(text_part(content.str()));
    request.messages.push_back(std::move(message));
    return base::ok();
  }
  if (!content.is_object()) return wrong("contents", index, "", "an object");
  if (content["role"].equals("model")) message.role = Role::kAssistant;
  if (content["parts"].is_object()) parse_part(content["parts"], message, request);  // protobuf takes one for a list
  for (const Json part : content["parts"].items()) parse_part(part, message, request);
  if (!message.parts.empty()) request.messages.push_back(std::move(message));
  return base::ok();
}

void parse_tools(Json root, ChatRequest& request) {
  for (const Json tool : root["tools"].items()) {
    for (const Json item : tool.either("functionDeclarations").items()) {
      Tool out{.name = item["name"].str(), .description = item["description"].str()};
      if (const Json schema = item.either("parametersJsonSchema"); schema.is_object())
        out.parameters = schema.raw();
      else if (item["parameters"].is_object())
        out.parameters = schema_from_gemini(item["parameters"]);
      request.tools.push_back(std::move(out));
    }
    note_unknown(tool, {"functionDeclarations"}, "tools", request.dropped, true);
  }
  const Json config = root.either("toolConfig").either("functionCallingConfig");
  const std::string mode = config["mode"].str();
  request.tool_names = texts_of(config.either("allowedFunctionNames"));
  if (mode == "AUTO" || mode == "VALIDATED") request.tool_choice = ToolChoice::kAuto;
  if (mode == "NONE") request.tool_choice = ToolChoice::kNone;
  if (mode == "ANY") request.tool_choice = request.tool_names.size() == 1 ? ToolChoice::kNamed : ToolChoice::kRequired;
}

void parse_config(Json config, ChatRequest& request) {
  request.temperature = config["temperature"].number();
  request.top_p = config.either("topP").number();
  request.top_k = config.either("topK").integer();
  request.choices = config.either("candidateCount").integer();
  request.max_output_tokens = config.either("maxOutputTokens").integer();
  request.stop = texts_of(config.either("stopSequences"));
  request.presence_penalty = config.either("presencePenalty").number();
  request.frequency_penalty = config.either("frequencyPenalty").number();
  request.seed = config["seed"].integer();
  const Json thinking = config.either("thinkingConfig");
  request.reasoning.budget_tokens = thinking.either("thinkingBudget").integer();
  request.reasoning.show = thinking.either("includeThoughts").boolean();
  request.reasoning.effort = lower(thinking.either("thinkingLevel").str());
  const Json schema = config.either("responseJsonSchema"), openapi = config.either("responseSchema");
  if (schema.is_object()) {
    request.output = {.kind = OutputKind::kJsonSchema, .schema = std::string(schema.raw())};
  } else if (openapi.is_object()) {
    request.output = {.kind = OutputKind::kJsonSchema, .schema = schema_from_gemini(openapi)};
  } else if (config.either("responseMimeType").equals("application/json")) {
    request.output.kind = OutputKind::kJson;
  } else if (config.either("responseMimeType").equals("text/plain")) {
    request.output.kind = OutputKind::kText;
  }
  note_unknown(
      config,
      {"temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "presencePenalty",
       "frequencyPenalty", "seed", "thinkingConfig", "responseJsonSchema", "responseSchema", "responseMimeType"},
      "generationConfig", request.dropped, true);
}

// ---- writing ----

void write_media(JsonWriter& w, const Part& part, Dropped& dropped) {
  std::string type = part.media_type;
  if (type.empty()) type = part.data.empty() ? "image/*" : std::string(sniff_image(part.data));
  if (type.empty()) type = "application/octet-stream";
  if (!part.data.empty()) {
    w.open('{').object("inlineData").field("mimeType", type).field("data", part.data).close('}').close('}');
  } else if (!part.url.empty()) {
    w.open('{').object("fileData").field("mimeType", type).field("fileUri", part.url).close('}').close('}');
  } else {
    add_dropped(dropped, "messages.file_id");
  }
}

void write_result(JsonWriter& w, const Part& part, const CallTable& calls, Dropped& dropped) {
  w.open('{').object("functionResponse").maybe("id", part.id).field("name", calls.name(part)).key("response");
  if (is_json(part.text, true)) {
    w.raw(part.text);
  } else {
    w.open('{').field(part.is_error ? "error" : "result", part.text).close('}');
  }
  if (!part.content.empty()) {
    w.array("parts");
    for (const Part& media : part.content) write_media(w, media, dropped);
    w.close(']');
  }
  w.close('}').close('}');
}

void write_part(JsonWriter& w, const Part& part, const CallTable& calls, Dropped& dropped) {
  switch (part.kind) {
    case PartKind::kText:
    case PartKind::kRefusal:
      w.open('{').field("text", part.text).close('}');
      break;
    case PartKind::kReasoning:
      if (part.redacted) return add_dropped(dropped, "messages.reasoning");
      w.open('{').field("text", part.text);
      if (!part.text.empty()) w.field("thought", true);
      w.maybe("thoughtSignature", part.signature).close('}');
      break;
    case PartKind::kMedia:
      write_media(w, part, dropped);
      break;
    case PartKind::kToolCall:
      w.open('{').object("functionCall").maybe("id", part.id).field("name", part.name);
      w.raw_field("args", object_of(part.text)).close('}').maybe("thoughtSignature", part.signature).close('}');
      break;
    case PartKind::kToolResult:
      write_result(w, part, calls, dropped);
      break;
  }
}

void write_contents(JsonWriter& w, const ChatRequest& request, Dropped& dropped) {
  const CallTable calls(request.messages);
  w.array("contents");
  int open = -1;
  for (const Message& message : request.messages) {
    if (message.role == Role::kSystem || message.role == Role::kDeveloper) continue;
    if (!message.name.empty()) add_dropped(dropped, "messages.name");
    if (message.parts.empty()) continue;
    const int role = message.role == Role::kAssistant ? 1 : 0;
    if (role != open) {
      if (open >= 0) w.close(']').close('}');
      w.open('{').field("role", role ? "model" : "user").array("parts");
      open = role;
    }
    for (const Part& part : message.parts) write_part(w, part, calls, dropped);
  }
  if (open >= 0) w.close(']').close('}');
  w.close(']');
}

void write_tools(JsonWriter& w, const ChatRequest& request) {
  if (!request.tools.empty()) {
    w.array("tools").open('{').array("functionDeclarations");
    for (const Tool& tool : request.tools) {
      w.open('{').field("name", tool.name).maybe("description", tool.description);
      if (is_json(tool.parameters, true)) w.raw_field("parametersJsonSchema", tool.parameters);
      w.close('}');
    }
    w.close(']').close('}').close(']');
  }
  if (request.tool_choice == ToolChoice::kUnset) return;
  w.object("toolConfig").object("functionCallingConfig");
  const bool any = request.tool_choice == ToolChoice::kRequired || request.tool_choice == ToolChoice::kNamed;
  w.field("mode", request.tool_choice == ToolChoice::kNone ? "NONE" : any ? "ANY" : "AUTO");
  if (any && !request.tool_names.empty()) {
    w.array("allowedFunctionNames");
    for (const std::string& name : request.tool_names) w.value(name);
    w.close(']');
  }
  w.close('}').close('}');
}

void write_thinking(JsonWriter& w, const ChatRequest& request) {
  const Reasoning& reasoning = request.reasoning;
  if (reasoning == Reasoning{}) return;
  w.object("thinkingConfig").maybe("includeThoughts", reasoning.show);
  // Levels came with the third generation; the second takes tokens.
  const bool tokens = request.model.find("gemini-2") != std::string::npos;
  if (reasoning.budget_tokens) {
    w.field("thinkingBudget", *reasoning.budget_tokens);
  } else if (!reasoning.effort.empty() && tokens) {
    w.field("thinkingBudget", budget_of(reasoning.effort));
  } else if (!reasoning.effort.empty()) {
    const std::string_view effort = reasoning.effort;
    const bool high = effort == "high" || effort == "xhigh" || effort == "max";
    w.field("thinkingLevel", high ? "HIGH" : effort == "medium" ? "MEDIUM" : effort == "low" ? "LOW" : "MINIMAL");
  }
  w.close('}');
}

void write_config(JsonWriter& w, const ChatRequest& request) {
  w.object("generationConfig");
  w.maybe("temperature", request.temperature).maybe("topP", request.top_p).maybe("topK", request.top_k);
  w.maybe("candidateCount", request.choices).maybe("maxOutputTokens", request.max_output_tokens);
  if (!request.stop.empty()) {
    w.array("stopSequences");
    for (const std::string& stop : request.stop) w.value(stop);
    w.close(']');
  }
  w.maybe("presencePenalty", request.presence_penalty).maybe("frequencyPenalty", request.frequency_penalty);
  w.maybe("seed", request.seed);
  switch (request.output.kind) {
    case OutputKind::kUnset:
      break;
    case OutputKind::kText:
      w.field("responseMimeType", "text/plain");
      break;
    case OutputKind::kJson:
      w.field("responseMimeType", "application/json");
      break;
    case OutputKind::kJsonSchema:
      w.field("responseMimeType", "application/json");
      w.raw_field("responseJsonSchema", schema_or_empty(request.output.schema));
  }
  write_thinking(w, request);
  w.close('}');
}

void write_body(JsonWriter& w, const ChatRequest& request, Dropped& dropped) {
  write_contents(w, request, dropped);
  if (const std::vector<std::string_view> system = system_texts(request); !system.empty()) {
    w.object("systemInstruction").array("parts");
    for (const std::string_view text : system) w.open('{').field("text", text).close('}');
    w.close(']').close('}');
  }
  write_tools(w, request);
}

}  // namespace

base::Status parse_gemini(Json root, ChatRequest& request) {
  const Json system = root.either("systemInstruction");
  if (system.is_object() || system.is_string()) {
    Message message{.role = Role::kSystem};
    if (system.is_string()) message.parts.push_back(text_part(system.str()));
    if (system["parts"].is_object()) message.parts.push_back(text_part(system["parts"]["text"].str()));
    for (const Json part : system["parts"].items()) message.parts.push_back(text_part(part["text"].str()));
    request.messages.push_back(std::move(message));
  }
  const Json contents = root["contents"];
  size_t index = 0;
  if (contents.is_object() || contents.is_string()) {
    if (base::Status read = parse_content(contents, 0, request); !read) return read;
  } else if (!contents.is_array()) {
    return wrong("contents", "a list");
  }
  for (const Json content : contents.items()) {
    if (base::Status read = parse_content(content, index++, request); !read) return read;
  }
  parse_tools(root, request);
  parse_config(root.either("generationConfig"), request);
  for (const JsonMember member : root["labels"].members()) {
    if (member.value.is_string()) request.metadata.emplace_back(member.key.str(), member.value.str());
  }
  note_unknown(root, {"model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "labels"},
               {}, request.dropped, true);
  return base::ok();
}

std::string write_gemini(const ChatRequest& request, Dropped& dropped, bool count_tokens) {
  std::string out;
  JsonWriter w(out);
  w.open('{');
  if (count_tokens) {
    // Only in this form does it count system prompt and tools.
    w.object("generateContentRequest").field("model", "models/" + request.model);
    write_body(w, request, dropped);
    w.close('}');
  } else {
    write_body(w, request, dropped);
    write_config(w, request);
  }
  drop_set(request, {"user", "metadata", "parallel_tools"}, dropped);
  w.close('}');
  return out;
}

}  // namespace godseye::genai
