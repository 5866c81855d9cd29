#include "scope_sql.h"
#include "search_sql.h"

#include <algorithm>
#include <charconv>

#include <godseye/query/event_engine.h>
#include <godseye/store/engine.h>

namespace godseye::query {
namespace {

using lang::SearchNode;
using signal::Event;

constexpr std::string_view kColumns =
    "time, id, title, text, alert_type, low_priority, source, aggregation_key, host, tags, session_id, user_id, "
    "trace_id, mapKeys(values), mapValues(values)";

struct TextKey {
  std::string_view key;
  std::string_view expression;
};
constexpr TextKey kTextKeys[] = {{"source", "source"},
                                 {"source_type_name", "source"},
                                 {"status", "alert_type"},
                                 {"alert_type", "alert_type"},
                                 {"priority", "if(low_priority, 'low', 'normal')"},
                                 {"host", "host"},
                                 {"hostname", "host"},
                                 {"title", "title"},
                                 {"message", "text"},
                                 {"text", "text"},
                                 {"aggregation_key", "aggregation_key"},
                                 {"session_id", "session_id"},
                                 {"user_id", "user_id"},
                                 {"usr.id", "user_id"},
                                 {"trace_id", "trace_id"}};

std::string_view text_key(std::string_view key) {
  const auto* found =
      std::find_if(std::begin(kTextKeys), std::end(kTextKeys), [&](const TextKey& k) { return k.key == key; });
  return found == std::end(kTextKeys) ? std::string_view() : found->expression;
}

class Translator {
 public:
  explicit Translator(SqlParameters& parameters) : parameters_(parameters) {}

  std::string translate(const SearchNode& node) {
    switch (node.kind) {
      case SearchNode::Kind::kEverything:
        return "1";
      case SearchNode::Kind::kText:
        return "(" + contains("title", node.value) + " OR " + contains("text", node.value) + ")";
      case SearchNode::Kind::kTerm:
        return term(node);
      case SearchNode::Kind::kExists:
        return exists(node);
      case SearchNode::Kind::kRange:
        return range(node);
      case SearchNode::Kind::kNot:
        return "NOT (" + translate(node.children[0]) + ")";
      case SearchNode::Kind::kAnd:
      case SearchNode::Kind::kOr:
        break;
    }
    std::string text;
    for (const SearchNode& child : node.children) {
      if (!text.empty()) text += node.kind == SearchNode::Kind::kAnd ? " AND " : " OR ";
      text += translate(child);
    }
    return "(" + text + ")";
  }
  const base::Status& status() const { return status_; }

 private:
  void fail(const SearchNode& node, const std::string& sentence) {
    if (!status_) return;
    status_ =
        base::Error(base::ErrorCode::kInvalidArgument, "column " + std::to_string(node.column.value) + ": " + sentence);
  }
  std::string contains(const std::string& expression, const lang::SearchValue& value) {
    if (value.glob) return expression + " ILIKE " + parameters_.text("%" + like_of_glob(value.text) + "%");
    return "positionCaseInsensitiveUTF8(" + expression + ", " + parameters_.text(value.text) + ") > 0";
  }
  std::string equals(const std::string& expression, const lang::SearchValue& value) {
    if (value.glob) return expression + " LIKE " + parameters_.text(like_of_glob(value.text));
    return expression + " = " + parameters_.text(value.text);
  }
  std::string term(const SearchNode& node) {
    if (node.key == "tags" && !node.attribute) return tag(node.value);
    if (const std::string_view expression = text_key(node.key); !expression.empty()) {
      return equals(std::string(expression), node.value);
    }
    return tag(
        {.text = (node.value.glob ? escaped(node.key) : node.key) + ":" + node.value.text, .glob = node.value.glob});
  }
  // Tags are stored in lower case.
  std::string tag(lang::SearchValue value) {
    for (char& c : value.text) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (!value.glob) return "has(tags, " + parameters_.text(value.text) + ")";
    return "arrayExists(t -> t LIKE " + parameters_.text(like_of_glob(value.text)) + ", tags)";
  }
  static std::string escaped(std::string_view key) {
    std::string out;
    for (const char c : key) {
      if (c == '*' || c == '?' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  }
  std::string exists(const SearchNode& node) {
    if (node.attribute && node.key.starts_with("values.")) {
      return "mapContains(values, " + parameters_.text(node.key.substr(7)) + ")";
    }
    if (const std::string_view expression = text_key(node.key); !expression.empty()) {
      return std::string(expression) + " != ''";
    }
    return "arrayExists(t -> startsWith(t, " + parameters_.text(node.key + ":") + "), tags)";
  }
  std::string range(const SearchNode& node) {
    if (!node.attribute || !node.key.starts_with("values.")) {
      fail(node, "expected @values.NAME before a range or comparison");
      return "0";
    }
    const std::string name = parameters_.text(node.key.substr(7));
    std::string text = "mapContains(values, " + name + ")";
    const auto bound = [&](const lang::SearchBound& b, std::string_view op) {
      if (b.open) return;
      if (!b.is_number) {
        fail(node, "expected a number");
        return;
      }
      text += " AND values[" + name + "] " + std::string(op) + (b.inclusive ? "= " : " ") + "toFloat64OrZero(" +
              parameters_.text(b.text) + ")";
    };
    bound(node.low, ">");
    bound(node.high, "<");
    return "(" + text + ")";
  }

  SqlParameters& parameters_;
  base::Status status_ = base::ok();
};

Event event_at(const store::Rows& rows, size_t row) {
  const auto text = [&](size_t column) { return std::string(rows.column(column).text(row)); };
  Event event{.id = rows.column(1).u64(row), .time_ms = rows.column(0).i64(row), .title = text(2), .text = text(3)};
  signal::parse_alert_type(rows.column(4).text(row), event.alert_type);
  event.low_priority = rows.column(5).u64(row) != 0;
  event.source = text(6);
  event.aggregation_key = text(7);
  event.host = text(8);
  const store::Column::Range tags = rows.column(9).items(row);
  for (size_t i = tags.begin; i < tags.end; ++i) event.tags.emplace_back(rows.column(9).elements().text(i));
  for (size_t key = 0; key < 3; ++key) event.attribution.values[key] = text(10 + key);
  const store::Column::Range values = rows.column(13).items(row);
  const size_t first_value = rows.column(14).items(row).begin;
  for (size_t i = values.begin; i < values.end; ++i) {
    event.values.emplace_back(rows.column(13).elements().text(i),
                              rows.column(14).elements().f64(first_value + i - values.begin));
  }
  return event;
}

// "1769072851123.7246118400000001": the last event of a page.
struct Cursor {
  int64_t time_ms = 0;
  uint64_t id = 0;
};

base::Result<Cursor> read_cursor(std::string_view text) {
  Cursor cursor;
  const char* end = text.data() + text.size();
  const auto time = std::from_chars(text.data(), end, cursor.time_ms);
  const bool dot = time.ec == std::errc() && time.ptr != end && *time.ptr == '.';
  const auto id =
      dot ? std::from_chars(time.ptr + 1, end, cursor.id) : std::from_chars_result{end, std::errc::invalid_argument};
  if (id.ec != std::errc() || id.ptr != end) {
    return base::Error(base::ErrorCode::kInvalidArgument, "the cursor is none that this server gave out");
  }
  return cursor;
}

}  // namespace

base::Result<EventPage> EventEngine::search(const EventSearch& search) {
  const size_t limit = std::clamp<size_t>(search.limit, 1, kEventPageMax);
  SqlParameters parameters;
  Translator translator(parameters);
  std::string where = "time >= fromUnixTimestamp64Milli(toInt64(" + std::to_string(search.from_ms) +
                      "), 'UTC') AND time < fromUnixTimestamp64Milli(toInt64(" + std::to_string(search.to_ms) +
                      "), 'UTC') AND " + translator.translate(search.query);
  if (!translator.status()) return translator.status().error();
  const char* order = search.ascending ? "ASC" : "DESC";
  if (!search.cursor.empty()) {
    base::Result<Cursor> cursor = read_cursor(search.cursor);
    if (!cursor) return std::move(cursor).error();
    where += std::string(" AND (time, id) ") + (search.ascending ? ">" : "<") + " (fromUnixTimestamp64Milli(toInt64(" +
             std::to_string(cursor->time_ms) + "), 'UTC'), toUInt64(" + std::to_string(cursor->id) + "))";
  }
  const std::string sql = "SELECT " + std::string(kColumns) + " FROM events WHERE " + where + " ORDER BY time " +
                          order + ", id " + order + " LIMIT " + std::to_string(limit + 1);
  const base::Result<store::Rows> rows = engine_.select(sql, {.parameters = parameters.take()});
  if (!rows) return rows.error();
  EventPage page;
  for (size_t i = 0; i < std::min(rows->row_count(), limit); ++i) page.events.push_back(event_at(*rows, i));
  if (rows->row_count() > limit) {
    page.next_cursor = std::to_string(page.events.back().time_ms) + "." + std::to_string(page.events.back().id);
  }
  return page;
}

base::Result<Event> EventEngine::event(uint64_t id) {
  const base::Result<store::Rows> rows =
      engine_.select("SELECT " + std::string(kColumns) + " FROM events WHERE id = {id:UInt64} LIMIT 1",
                     {.parameters = {{"id", std::to_string(id)}}});
  if (!rows) return rows.error();
  if (rows->row_count() == 0) {
    return base::Error(base::ErrorCode::kNotFound, "there is no event " + std::to_string(id));
  }
  return event_at(*rows, 0);
}

namespace {

// The value of a tag `key:value` in column `tags`; empty when there is none.
std::string tag_value(const std::string& key, SqlParameters& parameters) {
  const std::string head = parameters.text(key + ":");
  return "substring(arrayFirst(t -> startsWith(t, " + head + "), tags), " + std::to_string(key.size() + 2) + ")";
}

// `g0, g1` for the keys of `by`, as expressions, names, and the condition that none is empty.
struct Grouping {
  std::string expressions;
  std::string names;
  std::string condition;
};

template <typename ExpressionOf>
Grouping grouping(const std::vector<std::string>& keys, ExpressionOf expression_of) {
  Grouping out;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string name = "g" + std::to_string(i);
    out.expressions += expression_of(keys[i]) + " AS " + name + ", ";
    out.names += (i == 0 ? "" : ", ") + name;
    out.condition += " AND " + name + " != ''";
  }
  return out;
}

Group group_at(const store::Rows& rows, const std::vector<std::string>& keys, size_t row) {
  Group group;
  for (size_t i = 0; i < keys.size(); ++i) {
    group.push_back({.key = keys[i], .value = std::string(rows.column(i).text(row))});
  }
  return group;
}

// The aggregate, and what it asks of an event beside the search.
struct EventValue {
  std::string expression;
  std::string condition;
};
EventValue event_value(const lang::EventQuery& query, SqlParameters& parameters) {
  using lang::EventMethod;
  if (query.method == EventMethod::kCount) return {.expression = "toFloat64(count())", .condition = ""};
  if (query.method == EventMethod::kCardinality) {
    const std::string_view column = text_key(query.measure);
    const std::string value =
        column.empty() ? tag_value(query.measure, parameters) : "toString(" + std::string(column) + ")";
    return {.expression = "toFloat64(uniqExact(" + value + "))", .condition = " AND " + value + " != ''"};
  }
  const std::string name = parameters.text(query.measure);
  const std::string value = "values[" + name + "]";
  std::string expression;
  switch (query.method) {
    case EventMethod::kSum:
      expression = "sum(" + value + ")";
      break;
    case EventMethod::kMin:
      expression = "min(" + value + ")";
      break;
    case EventMethod::kMax:
      expression = "max(" + value + ")";
      break;
    case EventMethod::kPercentile:
      expression = "quantileExact(" + std::to_string(query.percentile / 100) + ")(" + value + ")";
      break;
    default:
      expression = "avg(" + value + ")";
      break;
  }
  return {.expression = expression, .condition = " AND mapContains(values, " + name + ")"};
}

// How many rows, which are sorted by group, to take; one more than may be held was asked for.
size_t held_rows(const store::Rows& rows, size_t keys, GroupCutOff& cut) {
  if (rows.row_count() <= kEventGroupsMax) return rows.row_count();
  cut.groups_left_out = 1;
  for (size_t i = 0; i < keys; ++i) cut.known_until.emplace_back(rows.column(i).text(kEventGroupsMax - 1));
  return kEventGroupsMax;
}

// The value of a key of `by`.
std::string group_expression(const std::string& key, SqlParameters& parameters) {
  const std::string_view column = text_key(key);
  return column.empty() ? tag_value(key, parameters) : "toString(" + std::string(column) + ")";
}

// Of its window that ends at `to_s`, before the search.
std::string window_condition(const lang::EventQuery& query, int64_t to_s) {
  return "time >= fromUnixTimestamp64Milli(toInt64(" + std::to_string((to_s - query.window.seconds) * 1000) +
         "), 'UTC') AND time < fromUnixTimestamp64Milli(toInt64(" + std::to_string(to_s * 1000) + "), 'UTC') AND ";
}

}  // namespace

base::Result<std::optional<Event>> EventEngine::newest(const lang::EventQuery& query, const Group& group,
                                                       int64_t to_s) {
  SqlParameters parameters;
  Translator translator(parameters);
  std::string where = window_condition(query, to_s) + translator.translate(query.search);
  if (!translator.status()) return translator.status().error();
  where += event_value(query, parameters).condition;
  for (const GroupTag& tag : group) {
    where += " AND " + group_expression(tag.key, parameters) + " = " + parameters.text(tag.value);
  }
  const base::Result<store::Rows> rows = engine_.select(
      "SELECT " + std::string(kColumns) + " FROM events WHERE " + where + " ORDER BY time DESC, id DESC LIMIT 1",
      {.parameters = parameters.take()});
  if (!rows) return rows.error();
  if (rows->row_count() == 0) return std::optional<Event>();
  return std::optional<Event>(event_at(*rows, 0));
}

base::Result<GroupValues> EventEngine::count(const lang::EventQuery& query, int64_t to_s) {
  SqlParameters parameters;
  Translator translator(parameters);
  const Grouping by =
      grouping(query.group_by, [&](const std::string& key) { return group_expression(key, parameters); });
  const std::string where = window_condition(query, to_s) + translator.translate(query.search);
  if (!translator.status()) return translator.status().error();
  const EventValue value = event_value(query, parameters);
  std::string sql = "SELECT " + by.expressions + value.expression + ", count() FROM events WHERE " + where +
                    by.condition + value.condition;
  if (!by.names.empty())
    sql += " GROUP BY " + by.names + " ORDER BY " + by.names + " LIMIT " + std::to_string(kEventGroupsMax + 1);
  const base::Result<store::Rows> rows = engine_.select(sql, {.parameters = parameters.take()});
  if (!rows) return rows.error();
  GroupValues values;
  const size_t held = held_rows(*rows, query.group_by.size(), values.cut);
  for (size_t row = 0; row < held; ++row) {
    values.push_back(
        {.group = group_at(*rows, query.group_by, row), .value = rows->column(query.group_by.size()).f64(row)});
    const bool counts = query.method == lang::EventMethod::kCount || query.method == lang::EventMethod::kCardinality;
    if (!counts && rows->column(query.group_by.size() + 1).u64(row) == 0) values.back().value.reset();
  }
  return values;
}

base::Result<CheckGroups> EventEngine::check_runs(const lang::CheckQuery& query, int64_t to_s) {
  SqlParameters parameters;
  const auto tagged = [&](const std::string& tag) {
    std::string lowered = tag;
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (tag.starts_with("host:")) return "(host = " + parameters.text(tag.substr(5)) + ")";
    return "has(tags, " + parameters.text(lowered) + ")";
  };
  std::string where = "check = " + parameters.text(query.check) + " AND time >= toDateTime(" +
                      std::to_string(to_s - kCheckLookBackS) + ", 'UTC') AND time <= toDateTime(" +
                      std::to_string(to_s) + ", 'UTC')";
  for (const std::string& tag : query.over) where += " AND " + tagged(tag);
  for (const std::string& tag : query.exclude) where += " AND NOT " + tagged(tag);
  const Grouping by = grouping(query.group_by, [&](const std::string& key) {
    return key == "host" ? std::string("toString(host)") : tag_value(key, parameters);
  });
  if (query.percent) return check_percents(query, to_s, by.expressions, by.names, where + by.condition, parameters);
  const std::string inner = "SELECT " + by.expressions +
                            "toUnixTimestamp(time) AS at, status, message FROM checks WHERE " + where + by.condition +
                            " ORDER BY time DESC LIMIT " + std::to_string(query.last) +
                            (by.names.empty() ? "" : " BY " + by.names);
  std::string sql = "SELECT " + by.names + (by.names.empty() ? "" : ", ") +
                    "arrayStringConcat(arrayMap(r -> toString(r.2), arrayReverseSort(groupArray((at, status))))), "
                    "toInt64(max(at)), argMax(message, at) FROM (" +
                    inner + ")";
  if (!by.names.empty())
    sql += " GROUP BY " + by.names + " ORDER BY " + by.names + " LIMIT " + std::to_string(kEventGroupsMax + 1);
  const base::Result<store::Rows> rows = engine_.select(sql, {.parameters = parameters.take()});
  if (!rows) return rows.error();
  CheckGroups runs;
  const size_t first = query.group_by.size();
  const size_t held = held_rows(*rows, first, runs.cut);
  for (size_t row = 0; row < held; ++row) {
    std::string statuses(rows->column(first).text(row));
    if (statuses.empty()) continue;  // the one row of a count without groups
    runs.push_back({.group = group_at(*rows, query.group_by, row),
                    .statuses = std::move(statuses),
                    .newest_s = rows->column(first + 1).i64(row),
                    .message = std::string(rows->column(first + 2).text(row))});
  }
  return runs;
}

// Each combination of host and tags is a check of its own, of which the last run counts.
base::Result<CheckGroups> EventEngine::check_percents(const lang::CheckQuery& query, int64_t to_s,
                                                      const std::string& expressions, const std::string& names,
                                                      const std::string& where, SqlParameters& parameters) {
  const std::string comma = names.empty() ? "" : ", ";
  const std::string last = "SELECT " + expressions +
                           "argMax(status, time) AS last, toInt64(max(toUnixTimestamp(time))) AS at, "
                           "argMax(message, time) AS said FROM checks WHERE " +
                           where + " GROUP BY " + names + comma + "host, tags";
  const std::string silence =
      query.silence_s == 0 ? "" : " WHERE at >= " + std::to_string(to_s - int64_t{query.silence_s});
  std::string sql = "SELECT " + names + comma +
                    "toFloat64(countIf(last = 2)) * 100 / count(), max(at), argMax(said, at), count() FROM (" + last +
                    ")" + silence;
  if (!names.empty()) {
    sql += " GROUP BY " + names + " ORDER BY " + names + " LIMIT " + std::to_string(kEventGroupsMax + 1);
  }
  const base::Result<store::Rows> rows = engine_.select(sql, {.parameters = parameters.take()});
  if (!rows) return rows.error();
  CheckGroups groups;
  const size_t first = query.group_by.size();
  const size_t held = held_rows(*rows, first, groups.cut);
  for (size_t row = 0; row < held; ++row) {
    if (rows->column(first + 3).u64(row) == 0) continue;
    groups.push_back({.group = group_at(*rows, query.group_by, row),
                      .statuses = "",
                      .newest_s = rows->column(first + 1).i64(row),
                      .message = std::string(rows->column(first + 2).text(row)),
                      .critical_percent = rows->column(first).f64(row)});
  }
  return groups;
}

}  // namespace godseye::query
