#include "json.h"
#include "json_writer.h"

#include <algorithm>

#include <godseye/genai/requests.h>

namespace godseye::genai {
namespace {

struct Edit {
  uint32_t begin;
  uint32_t end;
  std::string bytes;
};

std::string apply(std::string_view body, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string out;
  out.reserve(body.size() + 64);
  size_t from = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < from || edit.end < edit.begin || edit.end > body.size()) continue;
    out.append(body.substr(from, edit.begin - from));
    out += edit.bytes;
    from = edit.end;
  }
  out.append(body.substr(from));
  return out;
}

}  // namespace

std::string replace_texts(std::string_view body, std::span<const Replacement> replacements) {
  std::vector<Edit> edits;
  for (const Replacement& replacement : replacements) {
    Edit edit{replacement.begin, replacement.end, {}};
    if (replacement.is_json) {
      edit.bytes = replacement.text;
    } else {
      append_json_string(replacement.text, edit.bytes);
    }
    edits.push_back(std::move(edit));
  }
  return apply(body, std::move(edits));
}

std::optional<std::string> replace_model(std::string_view body, std::string_view model) {
  JsonDocument document;
  if (!document.parse(body)) return {};
  std::vector<Edit> edits;
  for (const JsonMember member : document.root().members()) {
    if (!member.is("model")) continue;
    Edit edit{member.value.begin(), member.value.end(), {}};
    append_json_string(model, edit.bytes);
    edits.push_back(std::move(edit));
  }
  if (edits.empty()) return {};
  return apply(body, std::move(edits));
}

std::optional<std::string> with_stream_usage(std::string_view body) {
  JsonDocument document;
  if (!document.parse(body) || !document.root().is_object()) return {};
  const Json root = document.root();
  const Json options = root["stream_options"];
  if (options["include_usage"].boolean().value_or(false)) return {};
  std::vector<Edit> edits;
  if (const Json flag = options["include_usage"]; flag.exists()) {
    edits.push_back({flag.begin(), flag.end(), "true"});
  } else if (options.is_object()) {
    edits.push_back({options.begin() + 1, options.begin() + 1,
                     options.size() > 0 ? "\"include_usage\":true," : "\"include_usage\":true"});
  } else if (options.exists()) {
    edits.push_back({options.begin(), options.end(), "{\"include_usage\":true}"});
  } else {
    std::string text = "\"stream_options\":{\"include_usage\":true}";
    if (root.size() > 0) text += ',';
    edits.push_back({root.begin() + 1, root.begin() + 1, std::move(text)});
  }
  return apply(body, std::move(edits));
}

}  // namespace godseye::genai
