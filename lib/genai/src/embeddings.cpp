#include "json.h"
#include "json_writer.h"
#include "usage.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include <godseye/genai/embeddings.h>
#include <godseye/genai/requests.h>

namespace godseye::genai {
namespace {

using base::Error;
using base::ErrorCode;

// The wire is little-endian float32; so are the machines we build for.
static_assert(std::endian::native == std::endian::little);

Error too_many() {
  return {ErrorCode::kTooLarge, "more than " + std::to_string(kEmbeddingInputsMax) + " inputs to embed"};
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64(const std::vector<float>& vector) {
  std::string bytes(vector.size() * sizeof(float), '\0');
  if (!vector.empty()) std::memcpy(bytes.data(), vector.data(), bytes.size());
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = (group << 8) | (k < n ? static_cast<uint8_t>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= n ? kBase64[(group >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

// False for what is not base64 of whole floats.
bool from_base64(std::string_view text, std::vector<float>& out) {
  std::string bytes;
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const size_t value = kBase64.find(c);
    if (value == std::string_view::npos) return false;
    group = (group << 6) | static_cast<uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((group >> bits) & 0xFF);
  }
  if (bytes.size() % sizeof(float) != 0) return false;
  out.resize(bytes.size() / sizeof(float));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return true;
}

bool read_vector(Json value, std::vector<float>& out) {
  if (value.is_string()) return from_base64(value.str(), out);
  if (!value.is_array()) return false;
  constexpr double kLargest = std::numeric_limits<float>::max();
  for (const double x : value.numbers())
    out.push_back(static_cast<float>(std::fmax(-kLargest, std::fmin(kLargest, x))));
  return true;
}

void write_vector(JsonWriter& w, const std::vector<float>& vector) {
  w.open('[');
  char buffer[32];
  for (const float x : vector) {
    if (!std::isfinite(x)) {
      w.raw("0");
      continue;
    }
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, x);
    w.raw({buffer, static_cast<size_t>(end - buffer)});
  }
  w.close(']');
}

std::vector<int64_t> token_ids(Json list) {
  std::vector<int64_t> out;
  for (const double x : list.numbers()) {
    out.push_back(x >= 0 && x < 9e15 ? static_cast<int64_t>(x) : 0);
  }
  return out;
}

base::Status read_inputs(Json input, EmbeddingRequest& request) {
  if (input.is_string()) {
    request.inputs.push_back(input.str());
    request.single = true;
    return base::ok();
  }
  if (input.is(JsonKind::kNumbers)) {
    request.tokens.push_back(token_ids(input));
    request.single = true;
    return base::ok();
  }
  for (const Json item : input.items()) {
    if (item.is_string())
      request.inputs.push_back(item.str());
    else if (item.is(JsonKind::kNumbers))
      request.tokens.push_back(token_ids(item));
    else
      return Error{ErrorCode::kInvalidArgument, "input: expected a text, texts or lists of token ids"};
    if (request.inputs.size() + request.tokens.size() > kEmbeddingInputsMax) return too_many();
  }
  if (request.inputs.empty() == request.tokens.empty()) {
    return Error{ErrorCode::kInvalidArgument, "input: expected a text, texts or lists of token ids"};
  }
  return base::ok();
}

std::string content_text(Json content) {
  if (content.is_string()) return content.str();
  std::string text = content["parts"].is_object() ? content["parts"]["text"].str() : std::string();
  for (const Json part : content["parts"].items()) text += part["text"].str();
  return text;
}

void read_gemini_one(Json one, EmbeddingRequest& request) {
  request.inputs.push_back(content_text(one["content"]));
  if (one.either("taskType").is_string()) request.task_type = one.either("taskType").str();
  if (one["title"].is_string()) request.title = one["title"].str();
  if (const auto dimensions = one.either("outputDimensionality").integer()) request.dimensions = dimensions;
  const Json config = one.either("embedContentConfig");  // Vertex keeps them apart
  if (const auto dimensions = config.either("outputDimensionality").integer()) request.dimensions = dimensions;
  if (config.either("taskType").is_string()) request.task_type = config.either("taskType").str();
  note_unknown(one, {"model", "content", "taskType", "title", "outputDimensionality", "embedContentConfig"}, {},
               request.dropped, true);
}

base::Status read_gemini(const Call& call, Json root, EmbeddingRequest& request) {
  if (call.verb == "embedContent") {
    request.single = true;
    read_gemini_one(root, request);
    return base::ok();
  }
  const Json list = call.verb == "predict" ? root["instances"] : root["requests"];
  if (!list.is_array() || list.size() == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 call.verb == "predict" ? "instances: expected a list" : "requests: expected a list"};
  }
  for (const Json one : list.items()) {
    if (request.inputs.size() >= kEmbeddingInputsMax) return too_many();
    read_gemini_one(one, request);
  }
  if (const auto dimensions = root["parameters"].either("outputDimensionality").integer())
    request.dimensions = dimensions;
  return base::ok();
}

}  // namespace

base::Result<EmbeddingRequest> parse_embedding_request(const Call& call, std::string_view body) {
  JsonDocument document;
  if (base::Status parsed = document.parse(body); !parsed) return std::move(parsed).error();
  const Json root = document.root();
  if (!root.is_object()) return Error{ErrorCode::kInvalidArgument, "the body is not a JSON object"};
  EmbeddingRequest request;
  request.model = call.model.empty() ? root["model"].str() : call.model;
  base::Status read = base::ok();
  if (call.family == Family::kGemini) {
    read = read_gemini(call, root, request);
  } else if (call.family == Family::kOllama && call.verb == "embeddings") {
    request.inputs.push_back(root["prompt"].str());
    request.single = true;
    note_unknown(root, {"model", "prompt"}, {}, request.dropped);
  } else if (call.family == Family::kOllama || call.family == Family::kOpenAi) {
    read = read_inputs(root["input"], request);
    request.dimensions = root["dimensions"].integer();
    request.base64 = root["encoding_format"].equals("base64");
    request.user = root["user"].str();
    note_unknown(root, {"model", "input", "dimensions", "encoding_format", "user"}, {}, request.dropped);
  } else {
    return Error{ErrorCode::kUnimplemented, "this protocol has no embeddings"};
  }
  if (!read) return std::move(read).error();
  return request;
}

base::Result<std::string> write_embedding_request(Dialect dialect, const EmbeddingRequest& request,
                                                  std::vector<std::string>* into) {
  std::vector<std::string> own;
  std::vector<std::string>& dropped = into != nullptr ? *into : own;
  const Family family = family_of(dialect);
  if (family != Family::kOpenAi && !request.tokens.empty()) {
    return Error{ErrorCode::kUnimplemented, "input: token ids can be embedded by OpenAI's models only"};
  }
  std::string out;
  JsonWriter w(out);
  if (family == Family::kGemini) {
    w.open('{').array("requests");
    for (const std::string& input : request.inputs) {
      w.open('{').field("model", "models/" + request.model).object("content").array("parts").open('{');
      w.field("text", input).close('}').close(']').close('}').maybe("taskType", request.task_type);
      w.maybe("title", request.title).maybe("outputDimensionality", request.dimensions).close('}');
    }
    w.close(']').close('}');
    if (!request.user.empty()) add_dropped(dropped, "user");
    return out;
  }
  if (family != Family::kOpenAi && family != Family::kOllama) {
    return Error{ErrorCode::kUnimplemented, "this protocol has no embeddings"};
  }
  w.open('{').field("model", request.model).key("input");
  const bool one = request.single && request.inputs.size() == 1;
  if (one) {
    w.value(request.inputs[0]);
  } else {
    w.open('[');
    for (const std::string& input : request.inputs) w.value(input);
    for (const std::vector<int64_t>& tokens : request.tokens) {
      w.open('[');
      for (const int64_t token : tokens) w.value(token);
      w.close(']');
    }
    w.close(']');
  }
  w.maybe("dimensions", request.dimensions);
  if (family == Family::kOpenAi) {
    if (request.base64) w.field("encoding_format", "base64");
    w.maybe("user", request.user);
  } else if (!request.user.empty()) {
    add_dropped(dropped, "user");
  }
  if (!request.task_type.empty()) add_dropped(dropped, "taskType");
  if (!request.title.empty()) add_dropped(dropped, "title");
  w.close('}');
  return out;
}

base::Result<EmbeddingAnswer> parse_embedding_answer(const Call& call, std::string_view body) {
  JsonDocument document;
  if (base::Status parsed = document.parse(body); !parsed) return std::move(parsed).error().within("the answer");
  const Json root = document.root();
  EmbeddingAnswer answer;
  answer.model = root["model"].str();
  bool good = true;
  const auto take = [&](Json value) {
    if (answer.vectors.size() < kEmbeddingInputsMax) good = read_vector(value, answer.vectors.emplace_back()) && good;
  };
  if (call.family == Family::kGemini) {
    if (root["embedding"].is_object()) take(root["embedding"]["values"]);
    for (const Json item : root["embeddings"].items()) take(item["values"]);
    int64_t tokens = kNoTokens;
    for (const Json item : root["predictions"].items()) {
      take(item["embeddings"]["values"]);
      const auto count = item["embeddings"]["statistics"]["token_count"].integer();
      if (count && *count >= 0 && *count < (int64_t{1} << 40)) tokens = std::max<int64_t>(tokens, 0) + *count;
    }
    GeminiCounters counters;
    counters.take(root.either("usageMetadata"));
    answer.usage = counters.usage();
    if (tokens >= 0) answer.usage = {.input = tokens, .total = tokens};
  } else if (call.family == Family::kOllama) {
    if (root["embedding"].exists()) take(root["embedding"]);
    for (const Json item : root["embeddings"].items()) take(item);
    take_ollama_usage(root, answer.usage);
  } else {
    for (const Json item : root["data"].items()) {
      take(item["embedding"]);
      const std::optional<int64_t> index = item["index"].integer();
      const size_t last = answer.vectors.size() - 1;
      if (index && *index >= 0 && static_cast<size_t>(*index) < last) {
        std::swap(answer.vectors[static_cast<size_t>(*index)], answer.vectors[last]);
      }
    }
    take_openai_usage(root["usage"], answer.usage);
  }
  if (!good) return Error{ErrorCode::kInvalidArgument, "the answer has an embedding that is no list of numbers"};
  return answer;
}

base::Result<std::string> write_embedding_answer(const Call& call, const EmbeddingRequest& request,
                                                 const EmbeddingAnswer& answer) {
  std::string out;
  JsonWriter w(out);
  w.open('{');
  if (call.family == Family::kGemini && call.verb == "predict") {
    w.array("predictions");
    for (const std::vector<float>& vector : answer.vectors) {
      w.open('{').object("embeddings").key("values");
      write_vector(w, vector);
      w.close('}').close('}');
    }
    w.close(']');
  } else if (call.family == Family::kGemini) {
    if (request.single) {
      w.object("embedding").key("values");
      write_vector(w, answer.vectors.empty() ? std::vector<float>() : answer.vectors[0]);
      w.close('}');
    } else {
      w.array("embeddings");
      for (const std::vector<float>& vector : answer.vectors) {
        w.open('{').key("values");
        write_vector(w, vector);
        w.close('}');
      }
      w.close(']');
    }
    if (answer.usage.input >= 0) w.object("usageMetadata").field("promptTokenCount", answer.usage.input).close('}');
  } else if (call.family == Family::kOllama && call.verb == "embeddings") {
    w.key("embedding");
    write_vector(w, answer.vectors.empty() ? std::vector<float>() : answer.vectors[0]);
  } else if (call.family == Family::kOllama) {
    w.field("model", answer.model).array("embeddings");
    for (const std::vector<float>& vector : answer.vectors) write_vector(w, vector);
    w.close(']').field("total_duration", 0).field("load_duration", 0);
    if (answer.usage.input >= 0) w.field("prompt_eval_count", answer.usage.input);
  } else if (call.family == Family::kOpenAi) {
    w.field("object", "list").array("data");
    int64_t index = 0;
    for (const std::vector<float>& vector : answer.vectors) {
      w.open('{').field("object", "embedding").field("index", index++).key("embedding");
      if (request.base64)
        w.value(base64(vector));
      else
        write_vector(w, vector);
      w.close('}');
    }
    const int64_t tokens = std::max<int64_t>(answer.usage.input, 0);
    w.close(']').field("model", answer.model).object("usage").field("prompt_tokens", tokens);
    w.field("total_tokens", tokens).close('}');
  } else {
    return Error{ErrorCode::kUnimplemented, "this protocol has no embeddings"};
  }
  w.close('}');
  return out;
}

}  // namespace godseye::genai
