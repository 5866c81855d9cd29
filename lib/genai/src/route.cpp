#include <algorithm>
#include <optional>
#include <vector>

#include <godseye/genai/route.h>

namespace godseye::genai {
namespace {

using base::Error;
using base::ErrorCode;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One path segment without its percent escapes. A slash may hide in an escape (models named vendor/name); control
// characters may not.
base::Result<std::string> decode(std::string_view segment) {
  std::string out;
  for (size_t i = 0; i < segment.size(); ++i) {
    char c = segment[i];
    if (c == '%') {
      if (i + 2 >= segment.size() || hex(segment[i + 1]) < 0 || hex(segment[i + 2]) < 0) {
        return Error{ErrorCode::kInvalidArgument, "the path has a percent sign without two hexadecimal digits"};
      }
      c = static_cast<char>(hex(segment[i + 1]) * 16 + hex(segment[i + 2]));
      i += 2;
    }
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
      return Error{ErrorCode::kInvalidArgument, "the path has a control character"};
    }
    out += c;
  }
  if (out == "." || out == "..") return Error{ErrorCode::kInvalidArgument, "the path has dot segments"};
  return out;
}

base::Result<std::vector<std::string>> segments_of(std::string_view path) {
  if (path.size() > kPathBytesMax) {
    return Error{ErrorCode::kTooLarge, "the path is longer than " + std::to_string(kPathBytesMax) + " bytes"};
  }
  if (path.empty() || path[0] != '/') return Error{ErrorCode::kInvalidArgument, "the path does not begin with /"};
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string> segments;
  if (path == "/") return segments;
  for (size_t from = 1; from <= path.size();) {
    const size_t slash = std::min(path.find('/', from), path.size());
    if (slash == from) return Error{ErrorCode::kInvalidArgument, "the path has an empty segment"};
    base::Result<std::string> segment = decode(path.substr(from, slash - from));
    if (!segment) return std::move(segment).error();
    segments.push_back(*std::move(segment));
    from = slash + 1;
  }
  return segments;
}

using Segments = std::vector<std::string>;

std::string join(const Segments& s, size_t from, size_t to) {
  std::string out;
  for (size_t i = from; i < to && i < s.size(); ++i) out += (out.empty() ? "" : "/") + s[i];
  return out;
}

Call call_of(Dialect dialect, Operation operation) {
  Call call;
  call.dialect = dialect;
  call.family = family_of(dialect);
  call.operation = operation;
  call.framing = framing_of(dialect);
  return call;
}

bool asks_sse(std::string_view query) {
  for (size_t from = 0; from < query.size();) {
    const size_t end = std::min(query.find('&', from), query.size());
    const std::string_view item = query.substr(from, end - from);
    if (item == "alt=sse" || item == "%24alt=sse" || item == "$alt=sse") return true;
    from = end + 1;
  }
  return false;
}

Operation gemini_operation(std::string_view verb) {
  if (verb == "generateContent" || verb == "streamGenerateContent") return Operation::kChat;
  if (verb == "countTokens") return Operation::kCountTokens;
  if (verb == "embedContent" || verb == "batchEmbedContents" || verb == "predict") return Operation::kEmbed;
  return Operation::kOther;
}

bool is_version(std::string_view s) { return s == "v1beta" || s == "v1beta1" || s == "v1" || s == "v1alpha"; }

// What follows the version (and project, location) up to the verb: models/x, tunedModels/x, publishers/google/models/x,
// endpoints/x. Requires: s.size() > from.
std::optional<Call> gemini_model(std::string_view method, const Segments& s, size_t from, std::string_view query) {
  Call call = call_of(Dialect::kGemini, Operation::kOther);
  size_t name = 0;
  bool publisher = false;
  if (s[from] == "models" || s[from] == "tunedModels" || s[from] == "endpoints") {
    name = from + 1;
  } else if (s[from] == "publishers" && s.size() > from + 3 && s[from + 2] == "models") {
    name = from + 3;
    publisher = true;
  } else {
    return {};
  }
  for (size_t i = 0; i < name; ++i) call.deployment_prefix += "/" + s[i];
  call.deployment_prefix += "/";
  std::string model = join(s, name, s.size());
  if (const size_t colon = model.rfind(':'); colon != std::string::npos) {
    call.verb = model.substr(colon + 1);
    model.resize(colon);
  }
  // The name may carry the folder again when its slash was escaped.
  if (model.starts_with("models/")) model.erase(0, 7);
  if (s[from] == "tunedModels") model.insert(0, "tunedModels/");
  if (publisher && s[from + 1] != "google") model.insert(0, s[from + 1] + "/");
  call.model = std::move(model);
  call.vertex = publisher || s[from] == "endpoints";
  if (publisher && s[from + 1] == "anthropic" && method == "POST" && call.verb.ends_with("awPredict")) {
    // Claude on Vertex: Anthropic's bodies at Google's paths.
    call.dialect = Dialect::kAnthropic;
    call.family = Family::kAnthropic;
    call.model.erase(0, std::string_view("anthropic/").size());
    call.operation = Operation::kChat;
    call.streams_by_path = call.verb == "streamRawPredict";
    return call;
  }
  if (method == "GET" && call.verb.empty()) {
    call.operation = call.model.empty() ? Operation::kModels : Operation::kModel;
  } else if (method == "POST" && !call.model.empty()) {
    call.operation = gemini_operation(call.verb);
    call.streams_by_path = call.verb == "streamGenerateContent";
    if (call.streams_by_path && !asks_sse(query)) call.framing = Framing::kJsonArray;
  }
  return call;
}

std::optional<Call> gemini_call(std::string_view method, const Segments& s, std::string_view query) {
  if (s.size() < 2 || !is_version(s[0])) return {};
  if (s[1] == "projects" && s.size() > 5 && s[3] == "locations") {
    std::optional<Call> call = gemini_model(method, s, 5, query);
    if (!call) call = call_of(Dialect::kGemini, Operation::kOther);
    call->vertex = true;
    return call;
  }
  // "/v1/models…" without a verb is OpenAI's (and Anthropic's) list.
  if (s[0] == "v1" && s[1] == "models" && (s.size() == 2 || s.back().find(':') == std::string::npos)) return {};
  if (s[0] == "v1" && s[1] == "models" &&
      gemini_operation(s.back().substr(s.back().rfind(':') + 1)) == Operation::kOther) {
    return {};  // a fine-tuned model's name has colons, too: ft:gpt-4o:org
  }
  if (std::optional<Call> call = gemini_model(method, s, 1, query)) return call;
  if (s[0] == "v1") return {};
  return call_of(Dialect::kGemini, Operation::kOther);  // files, cachedContents, interactions
}

std::optional<Call> ollama_call(std::string_view method, const Segments& s) {
  if (s.size() < 2 || s[0] != "api") return {};
  Call call = call_of(Dialect::kOllama, Operation::kOther);
  call.streams_unless_told = true;
  const bool post = method == "POST";
  if (s[1] == "chat" && s.size() == 2) {
    call.dialect = Dialect::kOllamaChat;
    call.operation = post ? Operation::kChat : Operation::kOther;
  } else if (s[1] == "generate" && s.size() == 2) {
    call.dialect = Dialect::kOllamaGenerate;
    call.operation = post ? Operation::kChat : Operation::kOther;
  } else if ((s[1] == "embed" || s[1] == "embeddings") && s.size() == 2) {
    call.verb = s[1];
    call.operation = post ? Operation::kEmbed : Operation::kOther;
    call.streams_unless_told = false;
  } else if (s[1] == "tags" && method == "GET") {
    call.operation = Operation::kModels;
    call.streams_unless_told = false;
  }
  return call;
}

std::optional<Call> anthropic_call(std::string_view method, const Segments& s) {
  const size_t at = !s.empty() && s[0] == "v1" ? 1 : 0;
  if (s.size() <= at || s[at] != "messages") return {};
  Call call = call_of(Dialect::kAnthropic, Operation::kOther);
  if (method == "POST" && s.size() == at + 1) call.operation = Operation::kChat;
  if (method == "POST" && s.size() == at + 2 && s[at + 1] == "count_tokens") call.operation = Operation::kCountTokens;
  return call;
}

std::optional<Call> openai_call(std::string_view method, const Segments& s) {
  size_t at = 0;
  Call call = call_of(Dialect::kOpenAi, Operation::kOther);
  if (s.size() > 3 && s[0] == "openai" && s[1] == "deployments") {
    call.azure = true;
    call.model = s[2];
    at = 3;
  } else {
    if (s[0] == "openai") ++at;  // Azure's responses, and a client whose base ends in /openai
    if (s.size() > at && s[at] == "v1") ++at;
  }
  if (s.size() <= at) return {};
  const bool post = method == "POST";
  const std::string rest = join(s, at, s.size());
  const auto is = [&](std::string_view path, Dialect dialect, Operation operation) {
    if (rest != path) return false;
    call.dialect = dialect;
    call.operation = post ? operation : Operation::kOther;
    return true;
  };
  if (is("chat/completions", Dialect::kOpenAiChat, Operation::kChat) ||
      is("completions", Dialect::kOpenAiCompletions, Operation::kChat) ||
      is("responses", Dialect::kOpenAiResponses, Operation::kChat) ||
      is("embeddings", Dialect::kOpenAi, Operation::kEmbed)) {
    return call;
  }
  if (s[at] == "models" && method == "GET") {
    call.operation = s.size() == at + 1 ? Operation::kModels : Operation::kModel;
    call.model = join(s, at + 1, s.size());
    return call;
  }
  for (const std::string_view known : {"chat", "completions", "responses", "embeddings", "models", "files", "audio",
                                       "images", "moderations", "batches", "fine_tuning", "uploads", "vector_stores",
                                       "conversations", "realtime", "assistants", "threads", "evals", "containers"}) {
    if (s[at] == known) return call;
  }
  return {};
}

std::string encode(std::string_view model, bool slashes) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : model) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~' || c == '@' || (slashes && c == '/');
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<uint8_t>(c) >> 4];
      out += kHex[static_cast<uint8_t>(c) & 15];
    }
  }
  return out;
}

std::string gemini_path(Operation operation, std::string_view model, bool stream) {
  if (operation == Operation::kModels) return "/v1beta/models";
  // Dots alone would be a dot segment at the provider.
  if (model.empty() || model == "." || model == ".." || model.find("..") != std::string_view::npos) return {};
  const bool tuned = model.starts_with("tunedModels/");
  const std::string base = (tuned ? "/v1beta/" : "/v1beta/models/") + encode(model, tuned);
  switch (operation) {
    case Operation::kChat:
      return base + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
    case Operation::kCountTokens:
      return base + ":countTokens";
    case Operation::kEmbed:
      return base + ":batchEmbedContents";
    case Operation::kModel:
      return base;
    default:
      return {};
  }
}

}  // namespace

Family family_by_headers(const std::function<std::string_view(std::string_view)>& header) {
  if (!header("x-goog-api-key").empty() || !header("x-goog-api-client").empty()) return Family::kGemini;
  if (!header("anthropic-version").empty()) return Family::kAnthropic;
  return Family::kUnknown;
}

base::Result<Call> recognise(std::string_view method, std::string_view path, std::string_view query, Family hint) {
  base::Result<Segments> segments = segments_of(path);
  if (!segments) return std::move(segments).error();
  std::optional<Call> call;
  if (!segments->empty()) {
    call = gemini_call(method, *segments, query);
    if (!call) call = ollama_call(method, *segments);
    if (!call) call = anthropic_call(method, *segments);
    if (!call) call = openai_call(method, *segments);
  }
  if (call && call->family == Family::kOpenAi && !call->azure &&
      (hint == Family::kGemini || hint == Family::kAnthropic) &&
      (call->operation == Operation::kModels || call->operation == Operation::kModel)) {
    call->family = hint;
    call->dialect = hint == Family::kGemini ? Dialect::kGemini : Dialect::kAnthropic;
    call->framing = framing_of(call->dialect);
  }
  if (!call) return Error{ErrorCode::kNotFound, "no LLM protocol has this path"};
  if (call->model.empty()) {
    // A slash that only some servers see would make two calls out of one path. Models may be named vendor/name.
    for (const std::string& segment : *segments) {
      if (segment.find('/') != std::string::npos) {
        return Error{ErrorCode::kInvalidArgument, "the path has an escaped slash"};
      }
    }
  }
  if (call->model.size() > kModelBytesMax) {
    return Error{ErrorCode::kTooLarge, "the model's name is longer than " + std::to_string(kModelBytesMax) + " bytes"};
  }
  return *std::move(call);
}

std::string request_path(Dialect dialect, Operation operation, std::string_view model, bool stream) {
  const Family family = family_of(dialect);
  switch (dialect) {
    case Dialect::kUnknown:
      return {};
    case Dialect::kGemini:
      return gemini_path(operation, model, stream);
    case Dialect::kAnthropic:
      if (operation == Operation::kChat) return "/v1/messages";
      if (operation == Operation::kCountTokens) return "/v1/messages/count_tokens";
      break;
    case Dialect::kOpenAiChat:
      if (operation == Operation::kChat) return "/v1/chat/completions";
      break;
    case Dialect::kOpenAiCompletions:
      if (operation == Operation::kChat) return "/v1/completions";
      break;
    case Dialect::kOpenAiResponses:
      if (operation == Operation::kChat) return "/v1/responses";
      break;
    case Dialect::kOllamaChat:
      if (operation == Operation::kChat) return "/api/chat";
      break;
    case Dialect::kOllamaGenerate:
      if (operation == Operation::kChat) return "/api/generate";
      break;
    default:
      break;
  }
  if (operation == Operation::kEmbed && family == Family::kOpenAi) return "/v1/embeddings";
  if (operation == Operation::kEmbed && family == Family::kOllama) return "/api/embed";
  if (operation == Operation::kModels) return family == Family::kOllama ? "/api/tags" : "/v1/models";
  if (operation == Operation::kModel && family != Family::kOllama && !model.empty() &&
      model.find("..") == std::string_view::npos) {
    return "/v1/models/" + encode(model, true);
  }
  return {};
}

}  // namespace godseye::genai
