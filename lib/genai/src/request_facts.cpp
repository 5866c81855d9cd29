#include "json.h"
#include "media.h"

#include <algorithm>

#include <godseye/genai/requests.h>

// One walk over the body finds what a gateway wants to know, for every dialect at once: it goes by the names of
// members, not by what `type` claims, so that content which two parsers would read differently is seen in every
// reading.
namespace godseye::genai {
namespace {

using base::Error;
using base::ErrorCode;

bool any_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

// A text that a person or model could have written, unlike ids and enumeration words.
bool is_prose(std::string_view text) { return text.find_first_of(" \t\n") != std::string_view::npos; }

class Walk {
 public:
  Walk(const Call& call, RequestFacts& facts) : call_(call), facts_(facts) {}

  base::Status body(Json root) {
    for (const JsonMember member : root.members()) {
      if (!top(member)) {
        return Error{ErrorCode::kInvalidArgument, "`" + member.key.str() + "` is there twice in the request"};
      }
    }
    return base::ok();
  }
  bool saw_stream() const { return saw_stream_; }

 private:
  static std::string_view key_of(const JsonMember& member, std::string& buffer) {
    const std::string_view raw = member.key.raw();
    const std::string_view inside = raw.substr(1, raw.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return inside;
    buffer = member.key.str();
    return buffer;
  }
  static bool is(std::string_view key, std::string_view camel) { return camel_or_snake(key, camel); }

  // A member of the request itself. False if one that decides the route is there twice.
  bool top(const JsonMember& member) {
    std::string buffer;
    const std::string_view key = key_of(member, buffer);
    const Json value = member.value;
    if (key == "model") return model(value);
    if (key == "stream") {
      if (saw_stream_) return false;
      saw_stream_ = true;
      facts_.stream = value.boolean().value_or(false);
      return true;
    }
    if (any_of(key, {"messages", "contents", "input", "requests", "instances"})) return turns(value), true;
    if (key == "system" || key == "instructions" || is(key, "systemInstruction")) {
      if (value.is_array()) {
        for (const Json item : value.items()) content(item, Origin::kSystem, {});
      } else {
        content(value, Origin::kSystem, {});
      }
    } else if (key == "prompt" || key == "content" || key == "suffix") {
      content(value, Origin::kUser, {});
      if (facts_.messages == 0) facts_.messages = 1;
    } else if (key == "tools" || key == "functions") {
      if (!value.is_array()) return strings(value, Origin::kToolDefinition, {}), true;
      for (const Json tool : value.items()) definition(tool), ++facts_.tools;
    } else if (is(key, "generateContentRequest")) {
      return nested(value);
    } else {
      settings(key, value);
    }
    return true;
  }

  bool nested(Json value) {
    for (const JsonMember member : value.members()) {
      std::string buffer;
      // Its model repeats the path's.
      if (key_of(member, buffer) != "model" && !top(member)) return false;
    }
    return true;
  }

  bool model(Json value) {
    if (saw_model_) return false;
    saw_model_ = true;
    if (facts_.model.empty()) {
      facts_.model = value.text(facts_.decoded);
      if (facts_.model.starts_with("models/")) facts_.model.remove_prefix(7);
    }
    return true;
  }

  void settings(std::string_view key, Json value) {
    if (key == "user") {
      facts_.user = value.text(facts_.decoded);
    } else if (key == "safety_identifier") {
      facts_.safety_identifier = value.text(facts_.decoded);
    } else if (key == "metadata" || key == "labels") {
      metadata(value);
    } else if (any_of(key, {"max_tokens", "max_completion_tokens", "max_output_tokens"})) {
      if (const auto tokens = value.integer()) facts_.max_output_tokens = *tokens;
    } else if (key == "stream_options") {
      facts_.stream_usage = value["include_usage"].boolean().value_or(false);
    } else if (key == "images") {
      images(value, Origin::kUser);
    } else if (is(key, "generationConfig") || key == "options") {
      for (const JsonMember member : value.members()) {
        const bool limit = member.is_either("maxOutputTokens") || member.is("num_predict");
        if (limit) facts_.max_output_tokens = member.value.integer();
      }
      definition(value);
    } else if (any_of(key, {"response_format", "text", "format", "output_config"}) || is(key, "toolConfig")) {
      definition(value);
    } else if (value.is_object() || value.is_array() || value.is_string()) {
      prose(value, Origin::kOther);
    }
  }

  void metadata(Json value) {
    for (const JsonMember member : value.members()) {
      if (!member.value.is_string()) continue;
      std::string_view name = member.key.text(facts_.decoded);
      const std::string_view text = member.value.text(facts_.decoded);
      if (name == "user_id" && call_.family == Family::kAnthropic) facts_.user = text;
      facts_.metadata.emplace_back(name, text);
    }
  }

  // A list of messages, contents or items; or one text.
  void turns(Json value) {
    if (!value.is_array()) {
      content(value, Origin::kUser, {});
      ++facts_.messages;
      return;
    }
    for (const Json item : value.items()) {
      message_ = facts_.messages++;
      content(item, Origin::kUser, {});
    }
    message_ = 0;
  }

  // A text, a list of parts, or an object: message, item, part.
  void content(Json value, Origin origin, std::string_view name) {
    if (value.is_string()) {
      text(value, origin, name);
    } else if (value.is_array()) {
      for (const Json item : value.items()) content(item, origin, name);
    } else if (value.is_object()) {
      thing(value, origin, name);
    }
  }

  Origin origin_of(Json object, Origin outer) {
    Origin origin = outer;
    if (const Json role = object["role"]; role.is_string()) {
      const std::string word = role.str();
      if (word == "user")
        origin = outer == Origin::kSystem ? outer : Origin::kUser;
      else if (word == "assistant" || word == "model")
        origin = Origin::kAssistant;
      else if (word == "system" || word == "developer")
        origin = Origin::kSystem;
      else if (word == "tool" || word == "function")
        origin = Origin::kToolResult;
      else
        origin = Origin::kOther;
    }
    if (object["thought"].boolean().value_or(false)) return Origin::kReasoning;
    const Json type = object["type"];
    if (!type.is_string()) return origin;
    const std::string word = type.str();
    if (word == "document" || word == "search_result" || word == "file_search_call") return Origin::kDocument;
    if (word.ends_with("tool_result") || word.ends_with("_output")) return Origin::kToolResult;
    if (word == "thinking" || word == "reasoning") return Origin::kReasoning;
    return origin;
  }

  std::string_view name_of(Json object, std::string_view outer) {
    for (const std::string_view key : {"tool_name", "name", "title"}) {
      if (const Json name = object[key]; name.is_string()) return name.text(facts_.decoded);
    }
    return outer;
  }

  void thing(Json object, Origin outer, std::string_view outer_name) {
    const Origin origin = origin_of(object, outer);
    const std::string_view name = name_of(object, outer_name);
    for (const JsonMember member : object.members()) {
      std::string buffer;
      const std::string_view key = key_of(member, buffer);
      if (!plain_member(key, member.value, origin, name) && !media_member(key, member.value, object, origin)) {
        tool_member(key, member.value, origin, name);
      }
    }
  }

  bool plain_member(std::string_view key, Json value, Origin origin, std::string_view name) {
    if (any_of(key, {"content", "text", "parts", "context", "refusal", "citations", "annotations"})) {
      content(value, origin, name);
    } else if (any_of(key, {"thinking", "reasoning", "reasoning_content", "summary"})) {
      content(value, Origin::kReasoning, name);
    } else if (key == "title" && origin == Origin::kDocument) {
      text(value, origin, name);
    } else if (!any_of(key, {"role", "type", "id", "model", "signature", "encrypted_content", "cache_control", "index",
                             "status", "detail", "name", "tool_name", "tool_call_id", "tool_use_id", "call_id",
                             "thought", "thought_signature", "thoughtSignature", "is_error"})) {
      return false;
    } else if (value.is_string()) {
      const std::string_view raw = value.raw();
      // An id has no spaces; whoever writes prose there wants it read.
      if (is_prose(raw) && key != "title") text(value, Origin::kOther, name);
    } else {
      strings(value, Origin::kOther, name);
    }
    return true;
  }

  bool media_member(std::string_view key, Json value, Json object, Origin origin) {
    if (key == "image_url" || key == "file_url") {
      image(value.is_object() ? value["url"] : value, {}, origin);
      for (const JsonMember member : value.members()) {
        if (!member.is("url") && !member.is("detail")) strings(member.value, Origin::kOther, {});
      }
    } else if (is(key, "inlineData")) {
      image(value["data"], value.either("mimeType"), origin);
    } else if (is(key, "fileData")) {
      if (value.is_string()) return image(value, {}, origin), true;
      image(value.either("fileUri"), value.either("mimeType"), origin);
    } else if (key == "input_audio") {
      image(value["data"], {}, origin, value["format"].equals("mp3") ? "audio/mpeg" : "audio/wav");
    } else if (key == "file" && value.is_object()) {
      image(value["file_data"], {}, origin);
    } else if (key == "images") {
      images(value, origin);
    } else if (key == "source" && value.is_object()) {
      source(value, origin);
    } else if (key == "data" && object["type"].equals("redacted_thinking")) {
      return true;
    } else {
      return false;
    }
    return true;
  }

  // Anthropic: {type base64, media_type, data} | {type url, url} | {type text, data} | {type content, content}.
  void source(Json value, Origin origin) {
    const bool is_text = value["type"].equals("text") || value["media_type"].equals("text/plain");
    for (const JsonMember member : value.members()) {
      if (member.is("data")) {
        if (is_text)
          text(member.value, Origin::kDocument, {});
        else
          image(member.value, value["media_type"], origin);
      } else if (member.is("url")) {
        image(member.value, {}, origin);
      } else if (!member.is("type") && !member.is("media_type")) {
        content(member.value, Origin::kDocument, {});
      }
    }
  }

  void tool_member(std::string_view key, Json value, Origin origin, std::string_view name) {
    if (is(key, "toolCalls")) {
      for (const Json item : value.items()) call(item);
    } else if (is(key, "functionCall") || key == "function" || key == "custom" || is(key, "toolCall")) {
      call(value);
    } else if (key == "arguments" || key == "input" || key == "args" || key == "action" || is(key, "executableCode")) {
      strings(value, Origin::kToolArguments, name);
    } else if (is(key, "functionResponse") || is(key, "toolResponse")) {
      response(value);
    } else if (key == "output" || is(key, "codeExecutionResult") || key == "results") {
      const Origin from = origin == Origin::kDocument ? origin : Origin::kToolResult;
      if (value.is_object())
        strings(value, from, name);
      else
        content(value, from, name);
    } else {
      strings(value, Origin::kOther, name);
    }
  }

  // {function{name, arguments}} | {name, arguments | args | input}
  void call(Json value) {
    const Json inner = value["function"].is_object() ? value["function"] : value;
    const std::string_view name = inner["name"].text(facts_.decoded);
    for (const JsonMember member : value.members()) {
      if (member.is("function") && member.value.is_object()) {
        call(member.value);
      } else if (!member.is("id") && !member.is("type") && !member.is("name") && !member.is("index")) {
        strings(member.value, Origin::kToolArguments, name);
      }
    }
  }

  // Gemini: {name, response object, parts[]}
  void response(Json value) {
    const std::string_view name = value["name"].text(facts_.decoded);
    for (const JsonMember member : value.members()) {
      if (member.is("name") || member.is("id")) continue;
      if (member.is("parts"))
        content(member.value, Origin::kToolResult, name);
      else
        strings(member.value, Origin::kToolResult, name);
    }
  }

  // Texts a model reads in a tool or schema: every `description` and other prose.
  void definition(Json value) { prose(value, Origin::kToolDefinition); }
  void prose(Json value, Origin origin) {
    if (value.is_string() && is_prose(value.raw())) text(value, origin, {});
    for (const Json item : value.items()) prose(item, origin);
    for (const JsonMember member : value.members()) prose(member.value, origin);
  }

  // Every string in `value`, and names of members that are prose.
  void strings(Json value, Origin origin, std::string_view name) {
    if (value.is_string()) text(value, origin, name);
    for (const Json item : value.items()) strings(item, origin, name);
    for (const JsonMember member : value.members()) {
      if (is_prose(member.key.raw())) text(member.key, origin, name);
      strings(member.value, origin, name);
    }
  }

  void text(Json value, Origin origin, std::string_view name) {
    const std::string_view decoded = value.text(facts_.decoded);
    if (decoded.empty()) return;
    facts_.texts.push_back({.origin = origin,
                            .text = decoded,
                            .begin = value.begin(),
                            .end = value.end(),
                            .message = message_,
                            .name = name});
  }

  void images(Json list, Origin origin) {
    if (!list.is_array()) return image(list, {}, origin);
    for (const Json item : list.items()) image(item, {}, origin);
  }

  void image(Json value, Json media_type, Origin origin, std::string_view type = {}) {
    if (!value.is_string()) return strings(value, Origin::kOther, {});
    const std::string_view content = value.text(facts_.decoded);
    if (content.empty()) return;
    RequestImage image{
        .origin = origin, .media_type = type, .begin = value.begin(), .end = value.end(), .message = message_};
    if (media_type.is_string()) image.media_type = media_type.text(facts_.decoded);
    if (const std::optional<DataUrl> data = split_data_url(content)) {
      image.media_type = data->media_type;
      image.base64 = data->base64;
    } else if (is_address(content)) {
      image.url = content;
    } else {
      image.base64 = content;
    }
    facts_.images.push_back(image);
  }

  const Call& call_;
  RequestFacts& facts_;
  uint32_t message_ = 0;
  bool saw_model_ = false;
  bool saw_stream_ = false;
};

constexpr size_t kNodesKept = size_t{1} << 14;  // per thread: 256 KiB

}  // namespace

base::Result<RequestFacts> read_request(const Call& call, std::string_view body) {
  thread_local JsonDocument document;  // keeps the memory of its nodes; nothing of it is in the answer
  document.keep_at_most(kNodesKept);
  RequestFacts facts;
  if (!call.model.empty()) facts.model = facts.decoded.emplace_front(call.model);
  facts.stream = call.streams_by_path;
  const base::Status parsed = document.parse(body);
  const bool understood = call.operation == Operation::kChat || call.operation == Operation::kEmbed ||
                          call.operation == Operation::kCountTokens;
  if (!parsed || !document.root().is_object()) {
    if (!understood) return facts;
    if (!parsed) return base::Error(parsed.error());
    return Error{ErrorCode::kInvalidArgument, "the body is not a JSON object"};
  }
  Walk walk(call, facts);
  if (base::Status walked = walk.body(document.root()); !walked) return std::move(walked).error();
  if (call.family == Family::kGemini || call.streams_by_path) facts.stream = call.streams_by_path;
  if (call.streams_unless_told && !walk.saw_stream()) facts.stream = true;
  return facts;
}

}  // namespace godseye::genai
