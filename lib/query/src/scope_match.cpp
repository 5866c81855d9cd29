#include "scope_match.h"

#include <algorithm>

#include <godseye/signal/normalize.h>

namespace godseye::query {
namespace {

using lang::Scope;

bool has_wildcard(std::string_view text) { return text.find('*') != std::string_view::npos; }

// `key:value` normalised; a pattern is only lowered, since a star is no character of a tag.
std::string normalized_tag(std::string_view key, std::string_view value) {
  const std::string tag = key.empty() ? std::string(value) : std::string(key) + ":" + std::string(value);
  if (has_wildcard(value)) {
    std::string lowered = tag;
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lowered;
  }
  std::string buffer;
  const std::string normal(signal::normalize_tag(tag, buffer));
  // Nothing can be stored under a tag that normalises away: keep the text, which then matches nothing.
  return normal.empty() ? tag : normal;
}

bool any_value_matches(const std::string& key, std::string_view pattern, std::span<const std::string> tags,
                       const signal::Attribution& attribution) {
  const size_t column = attribution_column(key);
  if (column < signal::kAttributionKeyCount) {
    const std::string& value = attribution.values[column];
    if (!value.empty() && lang::glob_matches(pattern, value)) return true;
  }
  const std::string prefix = key.empty() ? "" : key + ":";
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    return tag.starts_with(prefix) && lang::glob_matches(pattern, std::string_view(tag).substr(prefix.size()));
  });
}

void normalize_in_place(Scope& scope) {
  for (Scope& child : scope.children) normalize_in_place(child);
  if (scope.kind == Scope::Kind::kTag) {
    const std::string tag = normalized_tag(scope.key, scope.value);
    const size_t colon = tag.find(':');
    if (!scope.key.empty() && colon != std::string::npos) {
      scope.key = tag.substr(0, colon);
      scope.value = tag.substr(colon + 1);
    } else if (scope.key.empty()) {
      scope.value = tag;
    }
  } else if (scope.kind == Scope::Kind::kIn) {
    const std::string key = scope.key;
    for (std::string& value : scope.values) {
      const std::string tag = normalized_tag(key, value);
      const size_t colon = tag.find(':');
      if (colon == std::string::npos) continue;
      scope.key = tag.substr(0, colon);
      value = tag.substr(colon + 1);
    }
  }
}

}  // namespace

size_t attribution_column(std::string_view key) {
  const auto& names = signal::kAttributionKeyNames;
  return static_cast<size_t>(std::find(names.begin(), names.end(), key) - names.begin());
}

bool scope_matches(const Scope& scope, std::span<const std::string> tags, const signal::Attribution& attribution) {
  const auto child_matches = [&](const Scope& child) { return scope_matches(child, tags, attribution); };
  switch (scope.kind) {
    case Scope::Kind::kEverything:
      return true;
    case Scope::Kind::kTag:
      return any_value_matches(scope.key, scope.value, tags, attribution);
    case Scope::Kind::kIn:
      return std::any_of(scope.values.begin(), scope.values.end(), [&](const std::string& value) {
        return any_value_matches(scope.key, value, tags, attribution);
      });
    case Scope::Kind::kNot:
      return !child_matches(scope.children[0]);
    case Scope::Kind::kAnd:
      return std::all_of(scope.children.begin(), scope.children.end(), child_matches);
    case Scope::Kind::kOr:
      return std::any_of(scope.children.begin(), scope.children.end(), child_matches);
  }
  return false;
}

Scope normalized(Scope scope) {
  normalize_in_place(scope);
  return scope;
}

std::string normalized_key(std::string_view key) {
  std::string buffer;
  const std::string normal(signal::normalize_tag(key, buffer));
  return normal.empty() ? std::string(key) : normal;
}

}  // namespace godseye::query
