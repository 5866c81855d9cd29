#pragma once

#include <cstdint>
#include <random>
#include <string>

#include <godseye/lang/metric_query.h>

// Random trees in normal form, for property tests. Same seed, same tree, whatever the standard library: only the
// generator's raw output is used.
namespace godseye::lang {

class RandomQuery {
 public:
  explicit RandomQuery(uint64_t seed) : random_(seed) {}

  Expression expression(int depth) {
    Expression e;
    switch (depth <= 0 ? below(2) : below(6)) {
      case 0:
        e.kind = Expression::Kind::kNumber;
        e.number = (static_cast<double>(below(2'000'000)) - 1'000'000) / (1 + below(1000));
        return e;
      case 1:
        e.kind = Expression::Kind::kSeries;
        e.series = series();
        return e;
      case 2:
        e.kind = Expression::Kind::kNegate;
        e.children.push_back(expression(depth - 1));
        if (e.children[0].kind != Expression::Kind::kNumber) return e;
        return e.children[0];
      case 3:
        return call(depth);
      default:
        e.kind = Expression::Kind::kBinary;
        e.op = static_cast<BinaryOperator>("+-*/%"[below(5)]);
        e.children.push_back(expression(depth - 1));
        e.children.push_back(expression(depth - 1));
        return e;
    }
  }

  Scope scope(int depth) {
    Scope s;
    switch (depth <= 0 ? below(2) : below(6)) {
      case 0:
        s.kind = Scope::Kind::kTag;
        s.key = below(4) == 0 ? "" : pick({"env", "az", "host", "session_id"});
        s.value = pick({"prod", "web-*", "*-trace", "a:b", "köln", "a*b*c"});
        if (s.key.empty() && s.value == "a:b") s.value = "ab";  // a colon would make it a key and a value
        return s;
      case 1:
        s.kind = Scope::Kind::kIn;
        s.key = pick({"env", "az"});
        for (size_t i = below(3) + 1; i > 0; --i) s.values.push_back(pick({"a", "b", "c-*"}));
        return s;
      case 2:
        s.kind = Scope::Kind::kNot;
        s.children.push_back(scope(depth - 1));
        return s;
      case 3:
        return s;  // everything
      default:
        return joined(below(2) == 0 ? Scope::Kind::kAnd : Scope::Kind::kOr, depth);
    }
  }

 private:
  uint64_t below(uint64_t n) { return random_() % n; }
  std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(from.size())); }

  Scope joined(Scope::Kind kind, int depth) {
    Scope s;
    s.kind = kind;
    for (size_t i = below(3) + 2; i > 0; --i) {
      Scope child = scope(depth - 1);
      const bool vanishes = kind == Scope::Kind::kAnd && child.kind == Scope::Kind::kEverything;
      if (child.kind != kind && !vanishes) s.children.push_back(std::move(child));
    }
    if (s.children.size() >= 2) return s;
    return s.children.empty() ? scope(0) : s.children[0];
  }

  SeriesQuery series() {
    SeriesQuery s;
    s.aggregator = static_cast<SpaceAggregator>(below(8));
    if (s.aggregator == SpaceAggregator::kPercentile) s.percentile = static_cast<double>(below(1001)) / 10;
    if (s.aggregator == SpaceAggregator::kCountIf) {
      s.comparator = static_cast<Comparator>(below(6));
      s.threshold = (static_cast<double>(below(2001)) - 1000) / 8;
    }
    s.metric = pick({"m", "app.req", "llm.request.duration", "by", "p99"});
    s.scope = scope(3);
    for (size_t i = below(3); i > 0; --i) {
      const std::string key = pick({"host", "service", "session_id", "kube-ns"});
      if (s.group_by.empty() || s.group_by[0] != key) s.group_by.push_back(key);
      if (s.group_by.size() == 2) break;
    }
    s.count_mode = static_cast<CountMode>(below(3));
    if (below(2) == 0) {
      s.rollup.emplace();
      if (below(2) == 0) s.rollup->method = static_cast<RollupMethod>(below(5));
      if (!s.rollup->method || below(2) == 0) s.rollup->seconds = static_cast<uint32_t>(below(100'000) + 1);
      if (below(3) == 0) {
        s.rollup->seconds = 0;
        s.rollup->calendar = calendar();
      }
    }
    s.weighted = below(4) == 0;
    if (below(3) == 0) s.fill = Fill{static_cast<FillMethod>(below(4)), static_cast<uint32_t>(below(600) + 1)};
    return s;
  }

  CalendarRollup calendar() {
    CalendarRollup c;
    c.unit = static_cast<CalendarUnit>(below(4));
    c.begins = static_cast<uint32_t>(c.unit == CalendarUnit::kDay     ? below(24)
                                     : c.unit == CalendarUnit::kWeek  ? below(7)
                                     : c.unit == CalendarUnit::kMonth ? below(31) + 1
                                                                      : below(12) + 1);
    c.zone = pick({"UTC", "Europe/Paris", "America/New_York", "Etc/GMT-14"});
    return c;
  }

  Expression call(int depth) {
    Expression e;
    e.kind = Expression::Kind::kCall;
    e.name = pick({"abs", "default_zero", "moving_rollup", "top", "timeshift", "anomalies"});
    e.children.push_back(expression(depth - 1));
    const auto number = [&] {
      Expression n;
      n.number = static_cast<double>(below(1000)) - 500;
      e.children.push_back(n);
    };
    const auto text = [&](const char* value, const char* keyword = "") {
      Expression s;
      s.kind = Expression::Kind::kString;
      s.name = value;
      s.keyword = keyword;
      e.children.push_back(s);
    };
    if (e.name == "moving_rollup" || e.name == "top" || e.name == "timeshift") number();
    if (e.name == "moving_rollup" && below(2) == 0) text("max");
    if (e.name == "top" && below(2) == 0) {
      text("mean");
      text("desc");
    }
    if (e.name == "anomalies") {
      text("agile");
      if (below(2) == 0) number();
      if (below(2) == 0) text("it's", "direction");
    }
    return e;
  }

  std::mt19937_64 random_;
};

}  // namespace godseye::lang
