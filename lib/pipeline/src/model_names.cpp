#include "model_names.h"

#include <algorithm>
#include <array>

namespace godseye::pipeline {
namespace {

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The part after the last '-', and what is before it.
struct Tail {
  std::string_view rest;
  std::string_view last;
};
Tail split_last(std::string_view text) {
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return {text, {}};
  return {text.substr(0, dash), text.substr(dash + 1)};
}

// "v1:0", "v2".
bool bedrock_version(std::string_view text) {
  if (text.size() < 2 || text[0] != 'v') return false;
  const size_t colon = text.find(':');
  return digits(text.substr(1, colon == std::string_view::npos ? colon : colon - 1)) &&
         (colon == std::string_view::npos || digits(text.substr(colon + 1)));
}

}  // namespace

std::string lower_name(std::string_view name) {
  while (!name.empty() && static_cast<unsigned char>(name.front()) <= ' ') name.remove_prefix(1);
  while (!name.empty() && static_cast<unsigned char>(name.back()) <= ' ') name.remove_suffix(1);
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view without_path(std::string_view model) {
  const size_t at = model.rfind("models/");
  if (at != std::string_view::npos && (at == 0 || model[at - 1] == '/')) model.remove_prefix(at + 7);
  return model;
}

std::string_view without_version(std::string_view model) {
  if (const size_t at = model.rfind('@'); at != std::string_view::npos && at > 0) return model.substr(0, at);
  const auto [rest, last] = split_last(model);
  if (last.empty()) return model;
  if (last == "latest" || last == "preview" || last == "exp" || last == "experimental" || last == "beta") return rest;
  if (bedrock_version(last)) return rest;
  if (!digits(last)) return model;
  if (last.size() == 8 || last.size() == 3) return rest;
  if (last.size() == 4) {  // "0613"; of "08-2024" both parts
    const auto [before, month] = split_last(rest);
    return month.size() == 2 && digits(month) ? before : rest;
  }
  if (last.size() != 2) return model;
  // "…-2024-08-06" and "…-05-20".
  const auto [rest2, month] = split_last(rest);
  if (month.size() != 2 || !digits(month)) return model;
  const auto [rest3, year] = split_last(rest2);
  return year.size() == 4 && digits(year) ? rest3 : rest2;
}

std::vector<std::string> region_spellings(std::string_view model) {
  static constexpr std::array<std::string_view, 9> kRegions = {"us.", "eu.", "apac.", "ap.",    "jp.",
                                                               "au.", "ca.", "sa.",   "us-gov."};
  std::vector<std::string> out{std::string(model)};
  for (const std::string_view region : kRegions) {
    if (!model.starts_with(region)) continue;
    const std::string rest(model.substr(region.size()));
    out.insert(out.end(), {"regional." + rest, "global." + rest, rest});
    return out;
  }
  // Bare Bedrock ids ("anthropic.claude-…") are the regional ones of older days.
  if (model.find('.') != std::string_view::npos && !model.starts_with("global.")) {
    out.insert(out.end(), {"regional." + std::string(model), "global." + std::string(model)});
  }
  return out;
}

bool matches_pattern(std::string_view text, std::string_view pattern) {
  const bool open_begin = pattern.starts_with('*');
  const bool open_end = pattern.size() > 1 && pattern.ends_with('*');
  if (open_begin) pattern.remove_prefix(1);
  if (open_end) pattern.remove_suffix(1);
  if (open_begin && open_end) return text.find(pattern) != std::string_view::npos;
  if (open_begin) return text.ends_with(pattern);
  if (open_end) return text.starts_with(pattern);
  return text == pattern;
}

}  // namespace godseye::pipeline
