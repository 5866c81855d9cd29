#include "interpret.h"
#include "json.h"
#include "json_writer.h"

#include <godseye/genai/embeddings.h>

namespace godseye::genai {
namespace {

constexpr size_t kModelsMax = 10'000;

ModelInfo read_model(Family family, Json item) {
  ModelInfo model;
  switch (family) {
    case Family::kGemini: {
      model.id = item["name"].str();
      if (model.id.starts_with("models/")) model.id.erase(0, 7);
      model.name = item.either("displayName").str();
      model.input_tokens_max = item.either("inputTokenLimit").integer().value_or(0);
      model.output_tokens_max = item.either("outputTokenLimit").integer().value_or(0);
      for (const Json method : item.either("supportedGenerationMethods").items()) {
        if (method.equals("embedContent")) model.embeds = true;
      }
      break;
    }
    case Family::kOllama:
      model.id = item["model"].is_string() ? item["model"].str() : item["name"].str();
      model.name = item["name"].str();
      model.created_s = unix_time(item["modified_at"].str());
      break;
    case Family::kAnthropic:
      model.id = item["id"].str();
      model.name = item["display_name"].str();
      model.created_s = unix_time(item["created_at"].str());
      break;
    default:
      model.id = item["id"].str();
      model.owner = item["owned_by"].str();
      model.created_s = item["created"].integer().value_or(0);
  }
  return model;
}

void write(JsonWriter& w, Family family, const ModelInfo& model) {
  w.open('{');
  switch (family) {
    case Family::kGemini:
      w.field("name", model.id.starts_with("tunedModels/") ? model.id : "models/" + model.id).field("version", "001");
      w.field("displayName", model.name.empty() ? model.id : model.name);
      if (model.input_tokens_max > 0) w.field("inputTokenLimit", model.input_tokens_max);
      if (model.output_tokens_max > 0) w.field("outputTokenLimit", model.output_tokens_max);
      w.array("supportedGenerationMethods");
      if (model.embeds)
        w.value("embedContent").value("batchEmbedContents");
      else
        w.value("generateContent").value("countTokens");
      w.close(']');
      break;
    case Family::kOllama:
      w.field("name", model.name.empty() ? model.id : model.name).field("model", model.id);
      w.field("modified_at", rfc3339(model.created_s)).field("size", 0).field("digest", "").object("details");
      w.field("format", "").field("family", "").key("families").null().field("parameter_size", "");
      w.field("quantization_level", "").close('}');
      break;
    case Family::kAnthropic:
      w.field("type", "model").field("id", model.id).field("display_name", model.name.empty() ? model.id : model.name);
      w.field("created_at", rfc3339(model.created_s));
      break;
    default:
      w.field("id", model.id).field("object", "model").field("created", model.created_s).field("owned_by", model.owner);
  }
  w.close('}');
}

}  // namespace

base::Result<std::vector<ModelInfo>> parse_models(Family family, std::string_view body) {
  JsonDocument document;
  if (base::Status parsed = document.parse(body); !parsed)
    return std::move(parsed).error().within("the list of models");
  const bool named = family == Family::kGemini || family == Family::kOllama;
  const Json list = document.root()[named ? "models" : "data"];
  if (list.exists() && !list.is_array()) {
    return base::Error{base::ErrorCode::kInvalidArgument, "the list of models is no list"};
  }
  std::vector<ModelInfo> models;
  for (const Json item : list.items()) {
    if (models.size() >= kModelsMax) break;
    ModelInfo model = read_model(family, item);
    if (!model.id.empty()) models.push_back(std::move(model));
  }
  return models;
}

std::string write_models(Family family, const std::vector<ModelInfo>& models) {
  std::string out;
  JsonWriter w(out);
  w.open('{');
  const bool named = family == Family::kGemini || family == Family::kOllama;
  if (family == Family::kOpenAi || family == Family::kUnknown) w.field("object", "list");
  w.array(named ? "models" : "data");
  for (const ModelInfo& model : models) write(w, family, model);
  w.close(']');
  if (family == Family::kAnthropic) {
    w.field("has_more", false).key("first_id");
    models.empty() ? w.null() : w.value(models.front().id);
    w.key("last_id");
    models.empty() ? w.null() : w.value(models.back().id);
  }
  w.close('}');
  return out;
}

std::string write_model(Family family, const ModelInfo& model) {
  std::string out;
  JsonWriter w(out);
  write(w, family, model);
  return out;
}

}  // namespace godseye::genai
