#include "scope_sql.h"

#include "scope_match.h"

#include <algorithm>

#include <godseye/signal/metric.h>
#include <godseye/store/engine.h>

namespace godseye::query {
namespace {

using lang::Scope;

bool has_wildcard(std::string_view text) { return text.find('*') != std::string_view::npos; }

class Translator {
 public:
  Translator(std::string_view series_rows, const std::vector<bool>& in_tags, SqlParameters& parameters)
      : series_rows_(series_rows), in_tags_(in_tags), parameters_(parameters) {}

  static bool is_series_only(const Scope& scope) {
    if (scope.kind == Scope::Kind::kTag || scope.kind == Scope::Kind::kIn) {
      return attribution_column(scope.key) == signal::kAttributionKeyCount;
    }
    return std::all_of(scope.children.begin(), scope.children.end(), is_series_only);
  }

  // Over columns of table series: tags alone, also for attribution keys.
  std::string over_series(const Scope& scope) {
    switch (scope.kind) {
      case Scope::Kind::kEverything:
        return "1";
      case Scope::Kind::kTag:
        return tag_condition(scope.key, {scope.value});
      case Scope::Kind::kIn:
        return tag_condition(scope.key, scope.values);
      default:
        return combine(scope, [this](const Scope& child) { return over_series(child); });
    }
  }

  // Over columns of a point.
  std::string over_points(const Scope& scope) {
    if (scope.kind != Scope::Kind::kEverything && is_series_only(scope)) return series_in(over_series(scope));
    switch (scope.kind) {
      case Scope::Kind::kEverything:
        return "1";
      case Scope::Kind::kTag:
        return attribution_condition(scope, {scope.value});
      case Scope::Kind::kIn:
        return attribution_condition(scope, scope.values);
      default:
        return combine(scope, [this](const Scope& child) { return over_points(child); });
    }
  }

 private:
  template <typename F>
  static std::string combine(const Scope& scope, F translate) {
    if (scope.kind == Scope::Kind::kNot) return "NOT (" + translate(scope.children[0]) + ")";
    std::string text;
    for (const Scope& child : scope.children) {
      if (!text.empty()) text += scope.kind == Scope::Kind::kAnd ? " AND " : " OR ";
      text += translate(child);
    }
    return "(" + text + ")";
  }

  std::string series_in(const std::string& condition) {
    return "series_id IN (SELECT series_id FROM " + std::string(series_rows_) + " AND " + condition + ")";
  }

  std::string tag_condition(const std::string& key, const std::vector<std::string>& values) {
    const std::string prefix = key.empty() ? "" : key + ":";
    std::vector<std::string> exact;
    std::string text;
    for (const std::string& value : values) {
      if (!has_wildcard(value)) {
        exact.push_back(prefix + value);
        continue;
      }
      text += text.empty() ? "" : " OR ";
      text += "arrayExists(t -> t LIKE " + parameters_.text(like_pattern(prefix + value)) + ", tags)";
    }
    if (!exact.empty()) {
      text += text.empty() ? "" : " OR ";
      text += exact.size() == 1 ? "has(tags, " + parameters_.text(exact[0]) + ")"
                                : "hasAny(tags, " + parameters_.texts(exact) + ")";
    }
    return "(" + text + ")";
  }

  std::string attribution_condition(const Scope& scope, const std::vector<std::string>& values) {
    const size_t column = attribution_column(scope.key);
    const std::string name(signal::kAttributionKeyNames[column]);
    std::vector<std::string> exact;
    std::string text;
    for (const std::string& value : values) {
      if (!has_wildcard(value)) {
        exact.push_back(value);
        continue;
      }
      text += text.empty() ? "" : " OR ";
      // `key:*` must not match points without the key, whose column is empty.
      text += "(" + name + " != '' AND " + name + " LIKE " + parameters_.text(like_pattern(value)) + ")";
    }
    if (!exact.empty()) {
      text += text.empty() ? "" : " OR ";
      text += exact.size() == 1 ? name + " = " + parameters_.text(exact[0])
                                : "has(" + parameters_.texts(exact) + ", " + name + ")";
    }
    if (in_tags_[column]) text += " OR " + series_in(tag_condition(scope.key, values));
    return "(" + text + ")";
  }

  std::string_view series_rows_;
  const std::vector<bool>& in_tags_;
  SqlParameters& parameters_;
};

void append_condition(std::string& to, const std::string& condition) { to += (to.empty() ? "" : " AND ") + condition; }

}  // namespace

std::string SqlParameters::add(std::string value, std::string_view type) {
  const std::string name = "p" + std::to_string(values_.size());
  values_.emplace_back(name, std::move(value));
  return "{" + name + ":" + std::string(type) + "}";
}

std::string SqlParameters::text(std::string value) { return add(std::move(value), "String"); }

std::string SqlParameters::texts(const std::vector<std::string>& values) {
  return add(store::array_parameter(values), "Array(String)");
}

std::string like_pattern(std::string_view glob) {
  std::string pattern;
  for (const char c : glob) {
    if (c == '*') {
      pattern += '%';
      continue;
    }
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

ScopeSql scope_sql(const Scope& scope, std::string_view series_rows, const std::vector<bool>& attribution_in_tags,
                   SqlParameters& parameters) {
  Translator translator(series_rows, attribution_in_tags, parameters);
  ScopeSql sql;
  const auto place = [&](const Scope& conjunct) {
    if (conjunct.kind == Scope::Kind::kEverything) return;
    if (Translator::is_series_only(conjunct)) {
      append_condition(sql.series, translator.over_series(conjunct));
    } else {
      append_condition(sql.points, translator.over_points(conjunct));
    }
  };
  if (scope.kind == Scope::Kind::kAnd) {
    for (const Scope& child : scope.children) place(child);
  } else {
    place(scope);
  }
  return sql;
}

}  // namespace godseye::query
