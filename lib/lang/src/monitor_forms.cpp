#include "comparison.h"
#include "cursor.h"

#include <algorithm>
#include <charconv>

#include <godseye/lang/monitor_forms.h>

namespace godseye::lang {
namespace {

// A quoted text in which a backslash takes the quote's meaning away. False on failure.
bool read_text(Cursor& cursor, std::string& into) {
  const char quote = cursor.peek();
  if (quote != '"' && quote != '\'') return cursor.fail("a text in quotes");
  const uint32_t column = cursor.column();
  size_t at = cursor.position() + 1;
  into.clear();
  for (;; ++at) {
    cursor.rewind(at);
    const char c = cursor.peek_raw();
    if (c == '\0') return cursor.fail_sentence(column, "the text that begins here has no closing quote");
    if (c == quote) break;
    if (into.size() >= kFormTextBytesMax) {
      return cursor.fail_sentence(column, "the text that begins here is longer than 4096 bytes",
                                  base::ErrorCode::kTooLarge);
    }
    // What else a backslash does is for the text's own language.
    if (c == '\\' && cursor.peek_raw(1) == quote) {
      ++at;
      into += quote;
      continue;
    }
    into += c;
  }
  cursor.rewind(at + 1);
  return true;
}

bool read_texts(Cursor& cursor, std::vector<std::string>& into) {
  if (!cursor.expect('(')) return false;
  do {
    if (into.size() == kFormListMax) {
      return cursor.fail_sentence(cursor.column(), "more than " + std::to_string(kFormListMax) + " texts in one list",
                                  base::ErrorCode::kTooLarge);
    }
    std::string text;
    if (!read_text(cursor, text)) return false;
    if (text.empty()) return cursor.fail_sentence(cursor.column(), "an empty text means nothing here");
    into.push_back(std::move(text));
  } while (cursor.accept(','));
  return cursor.expect(')', "',' or ')'");
}

bool read_one_text(Cursor& cursor, std::string& into) {
  return cursor.expect('(') && read_text(cursor, into) && cursor.expect(')');
}

bool expect_word(Cursor& cursor, std::string_view word, std::string_view expected) {
  const size_t before = (cursor.skip_space(), cursor.position());
  if (cursor.word(false) == word) return true;
  cursor.rewind(before);
  return cursor.fail(expected);
}

bool parse_check(Cursor& cursor, CheckQuery& out) {
  if (!read_text(cursor, out.check)) return false;
  if (out.check.empty()) return cursor.fail_sentence(1, "expected the name of a service check");
  bool over = false;
  bool last = false;
  for (;;) {
    if (!cursor.expect('.', "'.' and over, exclude, by, last, count_by_status or pct_by_status")) return false;
    const uint32_t column = cursor.column();
    const std::string_view part = cursor.word(false);
    if (part == "over" && !over) {
      over = true;
      if (!read_texts(cursor, out.over)) return false;
    } else if (part == "exclude") {
      if (!read_texts(cursor, out.exclude)) return false;
    } else if (part == "by") {
      if (!read_texts(cursor, out.group_by)) return false;
    } else if (part == "last" && !last) {
      last = true;
      if (!cursor.expect('(')) return false;
      const auto count = cursor.number();
      if (!count || *count < 1 || *count > static_cast<double>(kCheckRunsMax) ||
          *count != static_cast<double>(static_cast<uint32_t>(*count))) {
        return cursor.fail_sentence(column, "expected last(n) with n from 1 to " + std::to_string(kCheckRunsMax));
      }
      out.last = static_cast<uint32_t>(*count);
      if (!cursor.expect(')')) return false;
    } else if (part == "count_by_status") {
      if (!cursor.expect('(') || !cursor.expect(')')) return false;
      break;
    } else if (part == "pct_by_status") {
      if (!cursor.expect('(') || !cursor.expect(')')) return false;
      out.percent = true;
      break;
    } else {
      return cursor.fail_sentence(column,
                                  "expected over, exclude, by, last, count_by_status or pct_by_status, each once");
    }
  }
  if (!over) return cursor.fail_sentence(1, "expected .over(\"*\") or .over with tags");
  if (!last) return cursor.fail_sentence(1, "expected .last(n): how many runs are looked at");
  std::erase(out.over, "*");
  return cursor.at_end() || cursor.fail("the end");
}

struct EventMethodName {
  std::string_view name;
  EventMethod method;
  double percentile;
};
constexpr EventMethodName kEventMethods[] = {{"count", EventMethod::kCount, 0},
                                             {"cardinality", EventMethod::kCardinality, 0},
                                             {"sum", EventMethod::kSum, 0},
                                             {"avg", EventMethod::kAvg, 0},
                                             {"min", EventMethod::kMin, 0},
                                             {"max", EventMethod::kMax, 0},
                                             {"median", EventMethod::kPercentile, 50},
                                             {"pc75", EventMethod::kPercentile, 75},
                                             {"pc90", EventMethod::kPercentile, 90},
                                             {"pc95", EventMethod::kPercentile, 95},
                                             {"pc98", EventMethod::kPercentile, 98},
                                             {"pc99", EventMethod::kPercentile, 99}};

// `("count")`, `("cardinality", "host")`, `("avg", "@values.latency_ms")`.
bool read_rollup(Cursor& cursor, EventQuery& out) {
  constexpr std::string_view kNumbers = "@values.";
  const uint32_t column = cursor.column();
  std::string name;
  if (!cursor.expect('(') || !read_text(cursor, name)) return false;
  if (cursor.accept(',') && !read_text(cursor, out.measure)) return false;
  if (!cursor.expect(')', "',' or ')'")) return false;
  const auto* found = std::find_if(std::begin(kEventMethods), std::end(kEventMethods),
                                   [&](const EventMethodName& one) { return one.name == name; });
  if (found == std::end(kEventMethods)) {
    return cursor.fail_sentence(column, "rollup(\"" + name.substr(0, 40) +
                                            "\") is not known; there are count, cardinality, sum, avg, min, max, "
                                            "median, pc75, pc90, pc95, pc98 and pc99");
  }
  out.method = found->method;
  out.percentile = found->percentile;
  if (out.method == EventMethod::kCount) {
    return out.measure.empty() || cursor.fail_sentence(column, "rollup(\"count\") counts events; it takes no measure");
  }
  if (out.measure.empty()) {
    return cursor.fail_sentence(column, "rollup(\"" + name + "\") needs what to look at, like \"@values.latency_ms\"");
  }
  if (out.method == EventMethod::kCardinality) return true;
  if (!out.measure.starts_with(kNumbers) || out.measure.size() == kNumbers.size()) {
    return cursor.fail_sentence(column, "expected a number of the event, like \"@values.latency_ms\"");
  }
  out.measure.erase(0, kNumbers.size());
  return true;
}

bool parse_events(Cursor& cursor, EventQuery& out, base::Error& search_error, bool& search_failed) {
  if (!expect_word(cursor, "events", "events(\"…\")")) return false;
  std::string search;
  const uint32_t search_column = cursor.column() + 2;
  if (!read_one_text(cursor, search)) return false;
  base::Result<SearchNode> node = parse_search(search);
  if (!node) {
    search_error =
        base::Error(node.error()).within("the search text, which begins at column " + std::to_string(search_column));
    search_failed = true;
    return false;
  }
  out.search = *std::move(node);
  bool rollup = false;
  while (cursor.accept('.')) {
    const uint32_t column = cursor.column();
    const std::string_view part = cursor.word(false);
    std::string text;
    if (part == "rollup" && !rollup) {
      rollup = true;
      if (!read_rollup(cursor, out)) return false;
    } else if (part == "by") {
      if (!read_texts(cursor, out.group_by)) return false;
    } else if (part == "last" && out.window.seconds == 0) {
      if (!read_one_text(cursor, text)) return false;
      out.window = {.kind = WindowKind::kLast, .seconds = duration_seconds(text), .text = "last_" + text};
      if (out.window.seconds == 0 || out.window.seconds > kEventWindowSecondsMax) {
        return cursor.fail_sentence(column, "expected last(\"5m\"): 1 minute to 48 hours");
      }
    } else {
      return cursor.fail_sentence(column, "expected rollup, by or last, each once");
    }
  }
  if (!rollup) return cursor.fail_sentence(1, "expected .rollup(\"count\")");
  if (out.window.seconds == 0) return cursor.fail_sentence(1, "expected .last(\"5m\"): the window");
  return parse_comparison(cursor, out.comparator, out.threshold);
}

class CompositeParser {
 public:
  explicit CompositeParser(Cursor& cursor) : cursor_(cursor) {}

  bool parse_or(Composite& out) { return parse_chain(out, Composite::Kind::kOr, '|'); }

 private:
  bool parse_chain(Composite& out, Composite::Kind kind, char c) {
    const Nesting nesting(cursor_);
    if (!nesting.ok()) return false;
    const auto operand = [&](Composite& into) {
      return kind == Composite::Kind::kOr ? parse_chain(into, Composite::Kind::kAnd, '&') : parse_unary(into);
    };
    std::vector<Composite> parts(1);
    if (!operand(parts.back())) return false;
    while (cursor_.peek() == c) {
      cursor_.accept(c);
      if (cursor_.peek_raw() != c) return cursor_.fail(c == '|' ? "||" : "&&");
      cursor_.accept(c);
      if (!operand(parts.emplace_back())) return false;
    }
    if (parts.size() == 1) {
      out = std::move(parts.front());
    } else {
      out.kind = kind;
      out.children = std::move(parts);
    }
    return true;
  }

  bool parse_unary(Composite& out) {
    const Nesting nesting(cursor_);
    if (!nesting.ok() || !cursor_.count_node()) return false;
    if (cursor_.accept('!')) {
      out.kind = Composite::Kind::kNot;
      return parse_unary(out.children.emplace_back());
    }
    if (cursor_.accept('(')) return parse_or(out) && cursor_.expect(')', "'&&', '||' or ')'");
    const size_t before = (cursor_.skip_space(), cursor_.position());
    const std::string_view digits = cursor_.run([](char c) { return c >= '0' && c <= '9'; });
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), out.monitor_id);
    if (code != std::errc() || digits.empty() || out.monitor_id <= 0) {
      cursor_.rewind(before);
      return cursor_.fail("the id of a monitor, '!' or '('");
    }
    (void)end;
    return true;
  }

  Cursor& cursor_;
};

void collect_members(const Composite& composite, std::vector<int64_t>& ids) {
  if (composite.kind == Composite::Kind::kMonitor) {
    if (std::find(ids.begin(), ids.end(), composite.monitor_id) == ids.end()) ids.push_back(composite.monitor_id);
  }
  for (const Composite& child : composite.children) collect_members(child, ids);
}

}  // namespace

base::Result<CheckQuery> parse_check_query(std::string_view text) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  CheckQuery query;
  if (!parse_check(cursor, query)) return cursor.take_error();
  return query;
}

base::Result<EventQuery> parse_event_query(std::string_view text) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  EventQuery query;
  base::Error search_error(base::ErrorCode::kInvalidArgument, "");
  bool search_failed = false;
  if (!parse_events(cursor, query, search_error, search_failed)) {
    return search_failed ? search_error : cursor.take_error();
  }
  return query;
}

base::Result<Composite> parse_composite(std::string_view text) {
  Cursor cursor(text);
  if (cursor.failed()) return cursor.take_error();
  Composite composite;
  if (!CompositeParser(cursor).parse_or(composite)) return cursor.take_error();
  if (!cursor.at_end() && !cursor.fail("'&&', '||' or the end")) return cursor.take_error();
  if (composite_members(composite).size() > kCompositeMembersMax) {
    return base::Error(base::ErrorCode::kTooLarge,
                       "a composite names at most " + std::to_string(kCompositeMembersMax) + " monitors");
  }
  return composite;
}

std::vector<int64_t> composite_members(const Composite& composite) {
  std::vector<int64_t> ids;
  collect_members(composite, ids);
  return ids;
}

}  // namespace godseye::lang
