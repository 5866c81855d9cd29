#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>

#include <godseye/base/mutex.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/monitor/trial.h>

namespace godseye::monitor {

using base::Error;
using base::ErrorCode;
using base::Result;
using Values = query::GroupValues;

Result<Values> WindowQueries::evaluate_full(const lang::MonitorQuery& query, int64_t to_s) {
  return evaluate(query, to_s);
}
Result<Values> WindowQueries::count_events(const lang::EventQuery&, int64_t) {
  return Error(ErrorCode::kUnimplemented, "events cannot be counted here");
}
Result<query::CheckGroups> WindowQueries::check_runs(const lang::CheckQuery&, int64_t) {
  return Error(ErrorCode::kUnimplemented, "service checks cannot be read here");
}

Result<std::optional<signal::Event>> WindowQueries::newest_event(const lang::EventQuery&, const query::Group&,
                                                                 int64_t) {
  return std::optional<signal::Event>();
}

namespace {

class EngineQueries : public WindowQueries {
 public:
  EngineQueries(query::QueryEngine& engine, query::EventEngine* events) : engine_(engine), events_(events) {}
  Result<Values> evaluate(const lang::MonitorQuery& query, int64_t to_s) override {
    return engine_.evaluate_window(query, to_s);
  }
  Result<Values> evaluate_full(const lang::MonitorQuery& query, int64_t to_s) override {
    return engine_.evaluate_window(query, to_s, true);
  }
  Result<Values> count_events(const lang::EventQuery& query, int64_t to_s) override {
    return events_ != nullptr ? events_->count(query, to_s) : WindowQueries::count_events(query, to_s);
  }
  Result<query::CheckGroups> check_runs(const lang::CheckQuery& query, int64_t to_s) override {
    return events_ != nullptr ? events_->check_runs(query, to_s) : WindowQueries::check_runs(query, to_s);
  }
  Result<std::optional<signal::Event>> newest_event(const lang::EventQuery& query, const query::Group& group,
                                                    int64_t to_s) override {
    return events_ != nullptr ? events_->newest(query, group, to_s) : WindowQueries::newest_event(query, group, to_s);
  }

 private:
  query::QueryEngine& engine_;
  query::EventEngine* events_;
};

// One engine for history after the other, each over the windows that end within a stretch.
class HistoryQueries : public WindowQueries {
 public:
  HistoryQueries(const query::QueryEngine& engine, query::EventEngine* events, uint64_t bytes_max)
      : engine_(engine), events_(events), bytes_max_(bytes_max) {}
  Result<Values> evaluate(const lang::MonitorQuery& query, int64_t to_s) override {
    return over(query, to_s).evaluate_window(query, to_s);
  }
  Result<Values> evaluate_full(const lang::MonitorQuery& query, int64_t to_s) override {
    return over(query, to_s).evaluate_window(query, to_s, true);
  }
  Result<Values> count_events(const lang::EventQuery& query, int64_t to_s) override {
    return events_ != nullptr ? events_->count(query, to_s) : WindowQueries::count_events(query, to_s);
  }
  Result<query::CheckGroups> check_runs(const lang::CheckQuery& query, int64_t to_s) override {
    return events_ != nullptr ? events_->check_runs(query, to_s) : WindowQueries::check_runs(query, to_s);
  }

 private:
  query::QueryEngine& over(const lang::MonitorQuery& query, int64_t to_s) {
    if (!stretch_ || to_s > until_s_ || to_s < begin_s_) {
      begin_s_ = to_s;
      until_s_ = to_s + kHistoryStretchS;
      const int64_t reach = query.window.seconds + (query.change ? query.change->shift_s : 0);
      // Room for a bucket that begins before the window does.
      stretch_ = engine_.history(to_s - reach - 3600, until_s_, bytes_max_);
    }
    return *stretch_;
  }

  const query::QueryEngine& engine_;
  query::EventEngine* events_;
  const uint64_t bytes_max_;
  std::unique_ptr<query::QueryEngine> stretch_;
  int64_t begin_s_ = 0;
  int64_t until_s_ = 0;
};

// What two monitors must agree on to see the same values.
std::string shared_key(lang::MonitorQuery query, bool full) {
  query.comparator = lang::Comparator::kGreater;
  query.threshold = 0;
  return (full ? "full " : "") + lang::to_text(query);
}

class Sharing : public WindowQueries {
 public:
  explicit Sharing(std::unique_ptr<WindowQueries> queries) : queries_(std::move(queries)) {}

  Result<Values> evaluate(const lang::MonitorQuery& query, int64_t to_s) override { return shared(query, to_s, false); }
  Result<Values> evaluate_full(const lang::MonitorQuery& query, int64_t to_s) override {
    return shared(query, to_s, true);
  }
  Result<Values> count_events(const lang::EventQuery& query, int64_t to_s) override {
    return queries_->count_events(query, to_s);
  }
  Result<query::CheckGroups> check_runs(const lang::CheckQuery& query, int64_t to_s) override {
    return queries_->check_runs(query, to_s);
  }
  Result<std::optional<signal::Event>> newest_event(const lang::EventQuery& query, const query::Group& group,
                                                    int64_t to_s) override {
    return queries_->newest_event(query, group, to_s);
  }

 private:
  struct Answers {
    int64_t to_s = 0;
    size_t groups = 0;
    std::map<std::string, Values> values;
  };
  // Answers are kept of what two monitors ask for: 2,000 monitors of which none shares would fill memory with copies.
  struct Asked {
    int64_t to_s = 0;
    bool shared = false;  // a second monitor asked for the same window
  };

  Result<Values> shared(const lang::MonitorQuery& query, int64_t to_s, bool full) {
    std::string key = shared_key(query, full);
    bool kept = false;
    {
      base::MutexLock lock(mutex_);
      for (const Answers& answers : ends_) {
        if (answers.to_s != to_s) continue;
        if (const auto found = answers.values.find(key); found != answers.values.end()) return found->second;
      }
      if (asked_.size() >= kSharedKeysMax) asked_.clear();
      Asked& asked = asked_[key];
      if (asked.to_s == to_s) asked.shared = true;
      asked.to_s = to_s;
      kept = asked.shared;
    }
    Result<Values> values = full ? queries_->evaluate_full(query, to_s) : queries_->evaluate(query, to_s);
    if (values && kept) keep(std::move(key), to_s, *values);
    return values;
  }

  void keep(std::string key, int64_t to_s, const Values& values) {
    base::MutexLock lock(mutex_);
    auto at = std::find_if(ends_.begin(), ends_.end(), [&](const Answers& answers) { return answers.to_s == to_s; });
    if (at == ends_.end()) {
      ends_.push_back({.to_s = to_s});
      if (ends_.size() > kSharedEnds) ends_.pop_front();
      at = ends_.end() - 1;
    }
    size_t kept = values.size();
    for (const Answers& answers : ends_) kept += answers.groups;
    if (kept > kSharedGroupsMax) return;
    at->groups += values.size();
    at->values.emplace(std::move(key), values);
  }

  std::unique_ptr<WindowQueries> queries_;
  base::Mutex mutex_;
  std::deque<Answers> ends_;
  std::unordered_map<std::string, Asked> asked_;
};

}  // namespace

std::unique_ptr<WindowQueries> engine_queries(query::QueryEngine& engine, query::EventEngine* events) {
  return sharing(std::make_unique<EngineQueries>(engine, events));
}

std::unique_ptr<WindowQueries> history_queries(const query::QueryEngine& engine, query::EventEngine* events,
                                               uint64_t bytes_max) {
  return std::make_unique<HistoryQueries>(engine, events, bytes_max);
}

std::unique_ptr<WindowQueries> sharing(std::unique_ptr<WindowQueries> queries) {
  return std::make_unique<Sharing>(std::move(queries));
}

}  // namespace godseye::monitor
