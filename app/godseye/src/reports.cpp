#include "reports.h"

namespace godseye::app {
namespace {

using api::HealthPart;
using api::PartState;

std::string number(uint64_t value) { return std::to_string(value); }
std::string number(int64_t value) { return std::to_string(value); }

HealthPart store_part(const Readings& now) {
  HealthPart part{.name = "store"};
  if (!now.store_health.engine_up) {
    part.state = PartState::kDegraded;
    part.reason = now.store_health.reason.empty() ? "the engine does not answer; intake goes on to the journal"
                                                  : now.store_health.reason;
  } else if (now.store.quarantine_files > 0) {
    part.state = PartState::kDegraded;
    part.reason = number(now.store.quarantine_files) +
                  " segments were refused by the engine and set aside: " + now.store.quarantine_last_reason;
  } else if (now.store_health.state == store::HealthState::kDegraded) {
    part.state = PartState::kDegraded;
    part.reason = now.store_health.reason;
  }
  return part;
}

HealthPart journal_part(const Readings& now) {
  HealthPart part{.name = "journal"};
  if (!now.store_health.journal_accepts) {
    part.state = PartState::kFailing;
    part.reason = now.store_health.reason.empty() ? "the journal refuses appends" : now.store_health.reason;
  } else if (now.cuts.points_held > 0) {
    part.state = PartState::kFailing;
    part.reason = number(now.cuts.points_held) + " points wait in memory: the journal refused the last cut";
  }
  return part;
}

HealthPart disk_part(const Readings& now) {
  HealthPart part{.name = "disk"};
  if (!now.store.journal.last_error.empty()) {
    part.state = PartState::kFailing;
    part.reason = now.store.journal.last_error;
  }
  return part;
}

HealthPart monitors_part(const Readings& now) {
  HealthPart part{.name = "monitors"};
  // One skipped cut is a hiccup, no evaluation for three intervals is not.
  if (now.cuts.skipped_in_a_row >= 3) {
    part.state = PartState::kDegraded;
    part.reason = "not evaluated for " + number(now.cuts.skipped_in_a_row) + " cuts: the store is behind";
  }
  return part;
}

HealthPart intake_part(const Readings& now) {
  HealthPart part{.name = "intake"};
  if (!now.aggregator.contexts_refused.empty() && now.aggregator.contexts_active >= now.aggregator.contexts_max) {
    part.state = PartState::kDegraded;
    part.reason = "contexts-max (" + number(now.aggregator.contexts_max) + ") is reached: new contexts are refused";
  }
  return part;
}

template <typename Name, size_t N>
std::vector<std::pair<std::string, uint64_t>> named(const std::array<uint64_t, N>& counts, Name name) {
  std::vector<std::pair<std::string, uint64_t>> out;
  for (size_t i = 0; i < N; ++i) {
    if (counts[i] > 0) out.emplace_back(name(i), counts[i]);
  }
  return out;
}

api::IntakePath dogstatsd_path(const Readings& now) {
  api::IntakePath path{.path = "dogstatsd"};
  path.bytes_in = now.aggregator.bytes_in;
  path.events_in = now.aggregator.events_in;
  path.events_out = now.aggregator.samples;
  path.errors = named(now.aggregator.errors, [](size_t i) {
    return std::string(dogstatsd::drop_reason_name(static_cast<dogstatsd::DropReason>(i)));
  });
  for (auto& entry : named(now.aggregator.discarded, [](size_t i) {
         return std::string(pipeline::sample_drop_name(static_cast<pipeline::SampleDrop>(i)));
       })) {
    path.errors.push_back(std::move(entry));
  }
  const std::pair<const char*, uint64_t> transport[] = {{"kernel_dropped_packets", now.dogstatsd.dropped_by_kernel},
                                                        {"truncated_packets", now.dogstatsd.truncated},
                                                        {"broken_frames", now.dogstatsd.broken_frames},
                                                        {"connections_refused", now.dogstatsd.connections_refused}};
  for (const auto& [name, count] : transport) {
    if (count > 0) path.errors.emplace_back(name, count);
  }
  path.discarded = now.aggregator.errors_total() + now.aggregator.discarded_total();
  return path;
}

api::IntakePath series_path(const Readings& now) {
  api::IntakePath path{.path = "series"};
  path.bytes_in = now.intake_routes.bytes_in;
  path.events_in = now.intake.points_in;
  path.events_out = now.intake.points_out;
  path.errors = named(now.intake.dropped, [](size_t i) {
    return std::string(pipeline::intake_drop_name(static_cast<pipeline::IntakeDrop>(i)));
  });
  for (const uint64_t dropped : now.intake.dropped) path.discarded += dropped;
  if (now.intake_routes.refused_malformed > 0)
    path.errors.emplace_back("bodies_malformed", now.intake_routes.refused_malformed);
  if (now.intake_routes.refused_journal > 0)
    path.errors.emplace_back("bodies_refused_by_journal", now.intake_routes.refused_journal);
  return path;
}

// Accepted, and not to be found: the one thing that a store of telemetry must not do silently.
HealthPart spans_part(const Readings& now) {
  HealthPart part{.name = "spans"};
  if (now.span_gap.spans > 0) {
    part.state = PartState::kDegraded;
    part.reason = number(now.span_gap.spans) + " spans were accepted " + number(now.span_gap.oldest.count() / 1000) +
                  " s ago and are not queryable yet (godseye doctor --ingest explains)";
  }
  return part;
}

api::Facts span_facts(const Readings& now) {
  const pipeline::SpanIntakeStats& s = now.spans;
  return {{"spans_in", number(s.spans_in)},
          {"spans_out", number(s.spans_out)},
          {"duplicates", number(s.duplicates)},
          {"zero_ids", number(s.zero_ids)},
          {"partials", number(s.partials)},
          {"times_clamped", number(s.times_clamped)},
          {"values_cut", number(s.values_cut)},
          {"llm_spans", number(s.llm_spans)},
          {"llm_not_counted", number(s.llm_not_counted)},
          {"llm_self_reported", number(s.llm_self_reported)},
          {"llm_price_unknown", number(s.llm_price_unknown)},
          {"texts_scored", number(s.texts_scored)},
          {"texts_masked", number(s.texts_masked)},
          {"texts_unreadable", number(s.score_failures)},
          {"turns_raised", number(s.turns_raised)},
          {"conversations_known", number(uint64_t{s.conversations_known})},
          {"conversions", number(s.conversions)},
          {"token_abuses", number(s.token_abuses)},
          {"evaluations", number(s.evaluations)},
          {"ids_known", number(uint64_t{s.ids_known})},
          {"stored", number(now.store.spans_stored)},
          {"segments_set_aside", number(now.store.quarantine_files)}};
}

}  // namespace

namespace {

// Events and service checks over HTTP and from DogStatsD, where their lines were counted once already.
api::IntakePath events_path(const Readings& now) {
  api::IntakePath path{.path = "events"};
  path.bytes_in = now.events.routes.bytes_in;
  path.events_in = now.events.intake.events_in + now.events.intake.checks_in;
  path.events_out = now.events.intake.out;
  path.errors = named(now.events.intake.dropped, [](size_t i) {
    return std::string(pipeline::event_drop_name(static_cast<pipeline::EventDrop>(i)));
  });
  for (const uint64_t dropped : now.events.intake.dropped) path.discarded += dropped;
  path.discarded += now.events.lost + now.aggregator.events_refused;
  const std::pair<const char*, uint64_t> others[] = {{"bodies_malformed", now.events.routes.refused_malformed},
                                                     {"bodies_refused_by_journal", now.events.routes.refused_journal},
                                                     {"dogstatsd_beyond_limit", now.aggregator.events_refused},
                                                     {"lost", now.events.lost}};
  for (const auto& [name, count] : others) {
    if (count > 0) path.errors.emplace_back(name, count);
  }
  return path;
}

}  // namespace

namespace {

HealthPart watchdog_part(const Readings& now) {
  HealthPart part{.name = "watchdog"};
  for (const Alarm& alarm : now.alarms) {
    part.state = PartState::kDegraded;
    part.reason += (part.reason.empty() ? "" : "; ") + alarm.name + ": " + alarm.text;
  }
  return part;
}

}  // namespace

std::vector<HealthPart> health_of(const Readings& now) {
  return {journal_part(now), store_part(now),    disk_part(now),     intake_part(now),
          spans_part(now),   monitors_part(now), watchdog_part(now), {.name = "registry"}};
}

api::IngestionReport ingestion_of(const Readings& now) {
  api::IngestionReport report;
  report.paths = {dogstatsd_path(now), series_path(now), events_path(now)};
  report.paths.insert(report.paths.end(), now.traces.paths.begin(), now.traces.paths.end());
  report.paths.insert(report.paths.end(), now.llmobs.begin(), now.llmobs.end());
  report.contexts_active = now.aggregator.contexts_active;
  report.contexts_max = now.aggregator.contexts_max;
  report.contexts_refused = now.aggregator.contexts_refused;
  report.journal = {
      {"segments", number(now.store.journal.segments_closed)}, {"bytes", number(now.store.journal.bytes)},
      {"bytes_max", number(now.store.journal.bytes_max)},      {"refused_full", number(now.store.journal.refused_full)},
      {"refused_io", number(now.store.journal.refused_io)},    {"set_aside", number(now.store.quarantine_files)},
      {"points_held", number(now.cuts.points_held)},           {"points_lost", number(now.cuts.points_lost)}};
  report.store = {{"state", now.store_health.engine_up ? "\"ok\"" : "\"engine down\""},
                  {"points_stored", number(now.store.points_stored)},
                  {"segments_stored", number(now.store.segments_stored)},
                  {"lag_ms", number(now.store.lag_ms)},
                  {"insert_retries", number(now.store.insert_retries)},
                  {"engine_restarts", number(now.store.engine_restarts)},
                  {"engine_version", net::json_quoted(now.store_health.engine_version)},
                  {"stored_after_ms", number(now.cuts.stored_after_ms)},
                  {"evaluated_after_ms", number(now.cuts.evaluated_after_ms)},
                  {"evaluations_skipped", number(now.cuts.evaluations_skipped)}};
  report.http = {
      {"connections", number(now.http.connections_now)}, {"event_streams", number(now.http.event_streams_now)},
      {"requests", number(now.http.requests)},           {"malformed", number(now.http.malformed)},
      {"too_large", number(now.http.too_large)},         {"timeouts", number(now.http.timeouts)},
      {"overloaded", number(now.http.overloaded)},       {"connections_refused", number(now.http.connections_refused)}};
  report.clients = now.span_clients;
  report.gap = now.span_gap;
  report.spans = span_facts(now);
  return report;
}

}  // namespace godseye::app
