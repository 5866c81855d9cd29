#include "self_metrics.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace godseye::app {
namespace {

using Tags = std::vector<std::pair<std::string, std::string>>;
using Kind = SelfMetric::Kind;

class Table {
 public:
  void counter(const std::string& name, uint64_t value, Tags tags = {}) {
    families_[name].push_back({name, std::move(tags), static_cast<int64_t>(value), Kind::kCounter});
  }
  void gauge(const std::string& name, int64_t value, Tags tags = {}) {
    families_[name].push_back({name, std::move(tags), value, Kind::kGauge});
  }
  std::vector<SelfMetric> take() {
    std::vector<SelfMetric> out;
    for (auto& [name, rows] : families_) std::move(rows.begin(), rows.end(), std::back_inserter(out));
    return out;
  }

 private:
  std::map<std::string, std::vector<SelfMetric>> families_;
};

void add_intake(const Readings& now, Table& table) {
  for (const api::IntakePath& path : ingestion_of(now).paths) {
    const Tags tags{{"path", path.path}};
    table.counter("intake.bytes_in", path.bytes_in, tags);
    table.counter("intake.events_in", path.events_in, tags);
    table.counter("intake.events_out", path.events_out, tags);
    table.counter("intake.discarded", path.discarded, tags);
    for (const auto& [stage, count] : path.errors)
      table.counter("intake.errors", count, {{"path", path.path}, {"stage", stage}});
  }
}

void add_spans(const Readings& now, Table& table) {
  for (const pipeline::IngestRow& row : now.span_clients) {
    const Tags tags{{"path", row.path}, {"client", row.client}, {"client_version", row.version}};
    table.counter("ingestion.received", row.received, tags);
    table.counter("ingestion.accepted", row.accepted, tags);
    table.counter("ingestion.stored", row.stored, tags);
    table.counter("ingestion.queryable", row.queryable, tags);
    table.counter("ingestion.refused", row.refused, tags);
    for (const auto& [reason, count] : row.dropped) {
      Tags with_reason = tags;
      with_reason.emplace_back("reason", reason);
      table.counter("ingestion.dropped", count, std::move(with_reason));
    }
  }
  table.counter("spans.times_clamped", now.spans.times_clamped);
  table.counter("spans.values_cut", now.spans.values_cut);
  table.counter("spans.llm", now.spans.llm_spans);
  table.counter("spans.llm_not_counted", now.spans.llm_not_counted);
  table.counter("spans.llm_self_reported", now.spans.llm_self_reported);
  table.counter("spans.llm_price_unknown", now.spans.llm_price_unknown);
  table.counter("spans.texts_scored", now.spans.texts_scored);
  table.counter("spans.texts_masked", now.spans.texts_masked);
  table.gauge("spans.ids_known", static_cast<int64_t>(now.spans.ids_known));
  table.gauge("ingestion.gap", static_cast<int64_t>(now.span_gap.spans));
}

void add_guard(const Readings& now, Table& table) {
  table.counter("guard.texts", now.inspect.texts);
  table.counter("guard.text_bytes", now.inspect.text_bytes);
  table.counter("guard.texts_suspicious", now.inspect.suspicious);
  table.counter("guard.texts_refused", now.inspect.refused);
  table.counter("guard.images", now.inspect.images);
  table.counter("guard.image_bytes", now.inspect.image_bytes);
  table.counter("guard.images_suspicious", now.inspect.images_suspicious);
  table.counter("guard.images_refused", now.inspect.images_refused);
  table.counter("guard.bodies_malformed", now.inspect.malformed);
  table.counter("guard.sessions_forgotten", now.inspect.sessions_forgotten);
  for (const auto& [state, count] :
       std::initializer_list<std::pair<const char*, uint64_t>>{{"complete", now.decoder.complete},
                                                               {"corrupt", now.decoder.corrupt},
                                                               {"over_limit", now.decoder.over_limit},
                                                               {"unsupported", now.decoder.unsupported},
                                                               {"crashed", now.decoder.crashed},
                                                               {"busy", now.decoder.busy},
                                                               {"unavailable", now.decoder.unavailable}}) {
    table.counter("guard.decodes", count, {{"state", state}});
  }
}

void add_monitors(const Readings& now, Table& table) {
  table.counter("monitor.evaluations_skipped", now.cuts.evaluations_skipped);
  table.counter("monitor.evaluations", now.monitors.evaluations);
  table.counter("monitor.failures", now.monitors.failures);
  table.counter("monitor.transitions", now.monitors.transitions);
  table.counter("monitor.deadline_misses", now.monitors.deadline_misses);
  table.gauge("monitor.groups", static_cast<int64_t>(now.monitors.groups));
  table.gauge("monitor.groups_left_out", static_cast<int64_t>(now.monitors.groups_left_out));
  table.gauge("monitor.standby", now.monitors.standby ? 1 : 0);
  table.gauge("monitor.evaluated_after_ms", now.cuts.evaluated_after_ms);
  table.gauge("monitor.duration_ms", now.monitors.last_duration.count());
  table.counter("recent.answered", now.recent.answered);
  table.counter("recent.left_to_store", now.recent.left_to_store);
  table.counter("recent.loaded", now.recent.loaded);
  table.counter("recent.load_failures", now.recent.load_failures);
  table.counter("recent.evicted", now.recent.evicted);
  table.counter("recent.forgotten", now.recent.forgotten);
  table.gauge("recent.metrics", static_cast<int64_t>(now.recent.metrics));
  table.gauge("recent.streams", static_cast<int64_t>(now.recent.streams));
  table.gauge("recent.points", static_cast<int64_t>(now.recent.points));
  table.gauge("recent.bytes", static_cast<int64_t>(now.recent.bytes));
  table.counter("recording.evaluations", now.recorder.evaluations);
  table.counter("recording.failures", now.recorder.failures);
  table.counter("recording.points", now.recorder.points);
  table.counter("recording.groups_left_out", now.recorder.groups_left_out);
  table.counter("notifier.calls", now.notifier.calls);
  table.counter("notifier.delivered", now.notifier.delivered);
  table.counter("notifier.failed", now.notifier.failed);
  table.counter("notifier.retries", now.notifier.retries);
  table.counter("notifier.digests", now.notifier.digests);
  table.counter("notifier.refused", now.notifier.refused);
  table.counter("notifier.records_failed", now.notifier.records_failed);
}

void add_gateway(const gateway::GatewayStats& now, Table& table) {
  table.counter("gateway.bytes_in", now.bytes_in);
  table.counter("gateway.calls_in", now.calls_in);
  table.counter("gateway.calls_out", now.calls_out);
  table.counter("gateway.errors", now.bad_requests, {{"stage", "request"}});
  table.counter("gateway.errors", now.provider_failures, {{"stage", "provider_connection"}});
  table.counter("gateway.errors", now.provider_errors, {{"stage", "provider_answer"}});
  table.counter("gateway.errors", now.clients_gone, {{"stage", "client"}});
  table.counter("gateway.discarded", now.spans_lost, {{"what", "span"}});
  table.counter("gateway.discarded", now.images_skipped, {{"what", "image"}});
  table.counter("gateway.discarded", now.scores_shed, {{"what", "score"}});
  table.counter("gateway.discarded", now.texts_shed, {{"what", "text"}});
  table.counter("gateway.discarded", now.metrics_lost, {{"what", "metric"}});
  table.counter("gateway.calls_braked", now.calls_braked);
  table.counter("gateway.translated", now.translated);
  table.counter("gateway.outcomes", now.refused, {{"outcome", "refused"}});
  table.counter("gateway.outcomes", now.blocked, {{"outcome", "blocked"}});
  table.counter("gateway.outcomes", now.redacted, {{"outcome", "redacted"}});
  table.counter("gateway.outcomes", now.shadowed, {{"outcome", "shadow"}});
  for (size_t i = 0; i < gateway::kRules; ++i) {
    table.counter("gateway.rule_hits", now.rule_hits[i],
                  {{"rule", std::string(gateway::rule_name(static_cast<gateway::Rule>(i)))}});
  }
  table.counter("gateway.guard_failures", now.guard_failures, {{"reason", "failed"}});
  table.counter("gateway.guard_failures", now.guard_timeouts, {{"reason", "late"}});
  table.counter("gateway.guard_failed_closed", now.guard_failed_closed);
  table.counter("gateway.usage_estimated", now.usage_estimated);
  table.counter("gateway.spans_out", now.spans_out);
  table.gauge("gateway.calls_now", static_cast<int64_t>(now.calls_now));
  table.gauge("gateway.streams_now", static_cast<int64_t>(now.streams_now));
  table.gauge("gateway.spans_waiting", static_cast<int64_t>(now.spans_waiting));
  table.gauge("gateway.sessions_known", static_cast<int64_t>(now.sessions_known));
}

void add_control(const Readings& now, Table& table) {
  table.counter("control.changes", now.control.changes);
  table.counter("control.decisions", now.control.decisions);
  table.counter("control.discarded", now.control.decisions_lost, {{"what", "decision"}});
  table.counter("control.discarded", now.blocks.refused_full, {{"what", "block"}});
  table.counter("control.discarded", now.control_routes.watchers_refused, {{"what", "watcher"}});
  table.counter("control.automatic_blocks", now.automatic_blocks.decided - now.automatic_blocks.shadowed,
                {{"outcome", "set"}});
  table.counter("control.automatic_blocks", now.automatic_blocks.shadowed, {{"outcome", "shadow"}});
  table.counter("control.automatic_blocks", now.automatic_blocks.suppressed, {{"outcome", "switched_off"}});
  table.counter("control.link_errors", now.control_routes.spans_malformed, {{"stage", "decode"}});
  table.counter("control.link_errors", now.control_routes.spans_refused, {{"stage", "intake"}});
  table.gauge("control.decisions_waiting", static_cast<int64_t>(now.control.decisions_waiting));
  table.gauge("control.blocks_now", static_cast<int64_t>(now.blocks.entries));
  table.gauge("control.watchers_now", static_cast<int64_t>(now.control_routes.watchers));
}

void add_process(const Readings& now, Table& table) {
  table.counter("http.requests", now.http.requests);
  table.counter("http.refused", now.http.overloaded + now.http.too_large + now.http.malformed + now.http.timeouts);
  table.gauge("http.connections", static_cast<int64_t>(now.http.connections_now));
  table.counter("http.tls_handshakes", now.http.tls_handshakes);
  table.counter("http.tls_failures", now.http.tls_failures + now.http.tls_handshakes_refused);
  table.counter("http.tls_reload_failures", now.http.tls_reload_failures);
  table.counter("access.forbidden", now.router.forbidden);
  table.counter("access.unauthorized", now.router.unauthorized);
  table.counter("access.rate_limited", now.access.limited_by_address + now.access.limited_by_key);
  table.counter("access.signed_in", now.access.access.signed_in);
  table.counter("access.sign_in_failures", now.access.access.sign_in_failures);
  table.counter("access.sign_ins_limited", now.access.access.sign_ins_limited);
  table.counter("trace_agent.requests", now.traces.requests);
  table.counter("trace_agent.refused", now.traces.malformed + now.traces.too_large + now.traces.overloaded);
  table.counter("store.points_stored", now.store.points_stored);
  table.counter("store.segments_set_aside", now.store.segments_quarantined);
  table.counter("store.engine_restarts", now.store.engine_restarts);
  table.gauge("store.lag_ms", now.store.lag_ms);
  table.counter("store.hours_rolled", now.store.hours_rolled);
  table.counter("store.hours_rolled_again", now.store.hours_late);
  table.counter("store.days_rolled", now.store.days_rolled);
  table.counter("store.points_imported", now.store.points_imported);
  table.counter("cut.points", now.cuts.points);
  table.counter("cut.points_lost", now.cuts.points_lost);
  table.gauge("cut.stored_after_ms", now.cuts.stored_after_ms);
  table.gauge("aggregator.contexts", static_cast<int64_t>(now.aggregator.contexts_active));
  table.gauge("journal.bytes", static_cast<int64_t>(now.store.journal.bytes));
  table.gauge("journal.segments", static_cast<int64_t>(now.store.journal.segments_closed));
  table.counter("registry.writes", now.registry.writes);
  table.counter("registry.writes_failed", now.registry.writes_failed + now.registry.writes_refused);
  table.counter("registry.reads", now.registry.reads);
  table.gauge("notifier.circuits_open", static_cast<int64_t>(now.notifier.circuits_open));
  table.gauge("notifier.in_flight", static_cast<int64_t>(now.notifier.in_flight));
  table.gauge("registry.writes_waiting", static_cast<int64_t>(now.registry.writes_waiting));
  table.gauge("watchdog.alarms", static_cast<int64_t>(now.alarms.size()));
  table.counter("watchdog.heartbeats", now.watchdog.heartbeats);
  table.counter("watchdog.calls_failed", now.watchdog.calls_failed);
  table.gauge("process.resident_bytes", static_cast<int64_t>(now.process.resident_bytes));
  table.counter("process.cpu_ms", now.process.cpu_ms);
  table.gauge("process.descriptors", static_cast<int64_t>(now.process.descriptors));
  table.gauge("disk.bytes", static_cast<int64_t>(now.process.disk_bytes));
  table.gauge("disk.free_bytes", static_cast<int64_t>(now.process.disk_free_bytes));
}

// What separates the parts of a DogStatsD line is not let through.
std::string tag_text(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if (c == ',' || c == '|' || c == '#' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  return out;
}

std::string tags_text(const Tags& tags) {
  std::string out;
  for (const auto& [key, value] : tags) out += (out.empty() ? "" : ",") + key + ":" + tag_text(value);
  return out;
}

std::string label_text(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string family_of(const SelfMetric& metric) {
  std::string out = "godseye_" + metric.name + (metric.kind == Kind::kCounter ? "_total" : "");
  std::replace(out.begin(), out.end(), '.', '_');
  return out;
}

}  // namespace

std::vector<SelfMetric> self_metrics_of(const Readings& now) {
  Table table;
  add_intake(now, table);
  add_spans(now, table);
  add_guard(now, table);
  add_monitors(now, table);
  add_gateway(now.gateway, table);
  add_control(now, table);
  add_process(now, table);
  return table.take();
}

std::string prometheus_text(const std::vector<SelfMetric>& metrics) {
  std::string out;
  std::string last;
  for (const SelfMetric& metric : metrics) {
    const std::string family = family_of(metric);
    if (family != last) out += "# TYPE " + family + (metric.kind == Kind::kCounter ? " counter\n" : " gauge\n");
    last = family;
    out += family;
    for (size_t i = 0; i < metric.tags.size(); ++i) {
      out += (i == 0 ? "{" : ",") + metric.tags[i].first + "=\"" + label_text(metric.tags[i].second) + '"';
    }
    out += (metric.tags.empty() ? " " : "} ") + std::to_string(metric.value) + '\n';
  }
  return out;
}

std::vector<std::string> SelfMetrics::lines(const std::vector<SelfMetric>& now) {
  std::vector<std::string> out;
  for (const SelfMetric& metric : now) {
    const std::string tags = tags_text(metric.tags);
    int64_t value = metric.value;
    if (metric.kind == Kind::kCounter) {
      // A counter that appears later (a new kind of error) counted from 0; at the first reading nothing has a time.
      const auto [at, first] = totals_.try_emplace(metric.name + "|" + tags, begun_ ? 0 : value);
      value -= at->second;
      at->second = metric.value;
      if (value <= 0) continue;
    }
    out.push_back("godseye." + metric.name + ":" + std::to_string(value) +
                  (metric.kind == Kind::kCounter ? "|c" : "|g") + (tags.empty() ? "" : "|#" + tags));
  }
  begun_ = true;
  return out;
}

}  // namespace godseye::app
