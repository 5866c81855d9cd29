#include "span_path.h"

#include <cstdio>
#include <filesystem>
#include <unordered_set>
#include <vector>

#include <godseye/base/file.h>
#include <godseye/base/log.h>
#include <godseye/pipeline/client_stats.h>
#include <godseye/pipeline/derive.h>

#include <unistd.h>

namespace godseye::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;

constexpr const char* kOverrideFile = "/prices.json";
constexpr const char* kCatalogues = "/catalogues";
// As long as a client may try again, with the day that spans may be late.
constexpr int64_t kSeedSeconds = 86'400;
constexpr size_t kSeedStep = 4096;
// Of the newest spans that are looked through for ones that came again; the journal's come first.
constexpr size_t kAgainSpansMax = 200'000;
constexpr std::chrono::milliseconds kSeedTimeout{5000};

pipeline::SpanIntakeConfig config_of(const Settings& settings, const pipeline::CatalogueBook& catalogues) {
  pipeline::SpanIntakeConfig config;
  config.past_max = std::chrono::hours(settings.span_past_hours);
  config.span_ids_max = settings.span_ids_max;
  config.store_text = settings.store_text;
  config.conversions = settings.conversions;
  config.token_abuse_tokens = static_cast<int64_t>(settings.token_abuse);
  config.catalogue = [&catalogues](std::string_view ml_app, std::string_view service) {
    return catalogues.for_application(ml_app, service);
  };
  return config;
}

Status save_override(const std::string& path, const std::string& json) {
  if (!json.empty()) return base::replace_file(path, json);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return base::errno_error(path, errno);
  return base::ok();
}

}  // namespace

std::function<signal::MetricBatch(const signal::SpanBatch&)> derive_of(const Settings& settings) {
  return [config = pipeline::DeriveConfig{.attribution = settings.attribution_tags}](const signal::SpanBatch& batch) {
    return pipeline::derive_metrics(batch, config);
  };
}

base::Result<std::unique_ptr<SpanPath>> SpanPath::open(const Settings& settings, base::Clock clock) {
  auto prices = pipeline::PriceBook::shipped();
  if (!prices) return std::move(prices).error();
  std::unique_ptr<SpanPath> path(new SpanPath(settings, *std::move(prices), std::move(clock)));
  if (Status read = path->read_prices(settings); !read) return std::move(read).error();
  return path;
}

SpanPath::SpanPath(const Settings& settings, std::unique_ptr<pipeline::PriceBook> prices, base::Clock clock)
    : clock_(clock),
      attribution_(settings.attribution_tags),
      ids_max_(settings.span_ids_max),
      override_file_(settings.data_dir + kOverrideFile),
      prices_(std::move(prices)),
      catalogues_(settings.data_dir + kCatalogues, clock),
      ledger_(clock),
      intake_(config_of(settings, catalogues_), *prices_, ledger_, clock) {}

Status SpanPath::read_prices(const Settings& settings) {
  if (!settings.prices.empty()) {
    base::Result<std::string> json = read_file(settings.prices, pipeline::kPriceFileBytesMax);
    if (!json) return std::move(json).error();
    if (Status set = prices_->set_file(*json); !set) return std::move(set).error().within(settings.prices);
  }
  std::error_code failure;
  if (!std::filesystem::exists(override_file_, failure)) return base::ok();
  base::Result<std::string> json = read_file(override_file_, pipeline::kPriceFileBytesMax);
  if (!json) return std::move(json).error();
  if (Status set = prices_->set_override(*json); !set) return std::move(set).error().within(override_file_);
  return base::ok();
}

void SpanPath::seed() {
  const int64_t since_s = base::unix_seconds(clock_.wall()) - kSeedSeconds;
  seed_ids(since_s);
  seed_calls(since_s);
  seeded_.store(true, std::memory_order_release);
}

void SpanPath::seed_ids(int64_t since_s) {
  std::vector<pipeline::SpanIntake::KnownSpan> step;
  step.reserve(kSeedStep);
  size_t known = 0;
  const Status read = store_->recent_spans(since_s * 1'000'000'000, ids_max_, [&](const store::SpanKey& key) {
    step.push_back({.trace_id_low = key.trace_id_low, .span_id = key.span_id, .llm = key.is_llm});
    ++known;
    if (step.size() < kSeedStep) return;
    intake_.seed(step);
    step.clear();
  });
  intake_.seed(step);
  if (!read) {
    spdlog::warn("the ids of stored spans are not known ({}): spans that clients send again are stored twice",
                 read.error().message());
  }
  if (read && known < ids_max_) ids_since_ns_ = since_s * 1'000'000'000;
  spdlog::debug("{} spans are known", known);
}

namespace {

// Sessions and call ids of what waits in the journal, in the order of its arrival.
struct WaitingCalls {
  struct Session {
    std::string id, service, model, provider;
  };
  std::vector<Session> sessions;
  std::vector<std::string> calls;

  void add(const signal::SpanBatch& batch) {
    for (const signal::Span& span : batch.spans) {
      if (span.llm == signal::kNoLlm || span.llm >= batch.llm.size()) continue;
      const signal::LlmSpan& llm = batch.llm[span.llm];
      const auto text = [&](signal::Text t) { return std::string(batch.view(t)); };
      if (!llm.call_id.empty()) calls.push_back(text(llm.call_id));
      if (span.session_id.empty() || llm.kind != signal::LlmKind::kLlm) continue;
      sessions.push_back({text(span.session_id), text(span.service), text(llm.model_name), text(llm.model_provider)});
    }
  }
};

}  // namespace

// What is not known here costs a conversion or counts a call of a gateway twice, in the minutes around a restart. The
// journal is asked too, and first: metrics of a segment may have been seen before a kill that its spans did not
// outlive.
void SpanPath::seed_calls(int64_t since_s) {
  WaitingCalls waiting;
  store_->waiting_spans([&](const signal::SpanBatch& batch) { waiting.add(batch); });
  seed_stored_calls(since_s);
  for (const WaitingCalls::Session& one : waiting.sessions) {
    intake_.seed_session(one.id, one.service, one.model, one.provider);
  }
  for (const std::string& call : waiting.calls) intake_.seed_call(call);
}

void SpanPath::seed_stored_calls(int64_t since_s) {
  const store::QueryOptions options{.parameters = {{"since", std::to_string(since_s)}}, .timeout = kSeedTimeout};
  const auto sessions = store_->engine().select(
      "SELECT session_id, toString(argMax(service, start)), toString(argMax(model_name, start)), "
      "toString(argMax(model_provider, start)) FROM llm_spans WHERE start >= fromUnixTimestamp({since:Int64}) "
      "AND session_id != '' AND kind = 'llm' GROUP BY session_id ORDER BY max(start) DESC LIMIT 100000",
      options);
  const auto calls = store_->engine().select(
      "SELECT call_id FROM llm_spans WHERE start >= fromUnixTimestamp({since:Int64}) AND call_id != '' "
      "ORDER BY start DESC LIMIT 100000",
      options);
  if (!sessions || !calls) {
    spdlog::warn("which sessions talked to a model is not known: {}",
                 sessions ? calls.error().message() : sessions.error().message());
    return;
  }
  for (size_t i = sessions->row_count(); i-- > 0;) {
    intake_.seed_session(sessions->column(0).text(i), sessions->column(1).text(i), sessions->column(2).text(i),
                         sessions->column(3).text(i));
  }
  for (size_t i = calls->row_count(); i-- > 0;) intake_.seed_call(calls->column(0).text(i));
}

Status SpanPath::deliver(signal::SpanBatch& batch, const pipeline::SpanOrigin& origin) {
  if (!seeded_.load(std::memory_order_acquire)) return Error(ErrorCode::kUnavailable, "starting");
  return intake_.deliver(batch, origin, [this](const signal::SpanBatch& kept) { return store_->append(kept); });
}

base::Status SpanPath::append_events(signal::EventBatch& batch) {
  intake_.judge_events(batch);
  base::Status appended = store_->append(batch);
  if (appended) {
    intake_.events_kept(batch);
  } else {
    intake_.forget_events(batch);
  }
  return appended;
}

Status SpanPath::deliver_again(signal::SpanBatch& batch, const pipeline::SpanOrigin& origin) {
  if (!seeded_.load(std::memory_order_acquire)) return Error(ErrorCode::kUnavailable, "starting");
  int64_t oldest_ns = INT64_MAX;
  for (const signal::Span& span : batch.spans) oldest_ns = std::min(oldest_ns, span.start_ns);
  const bool remembered = oldest_ns >= ids_since_ns_ && intake_.stats().ids_known < ids_max_;
  if (!remembered && !batch.spans.empty()) {
    if (Status known = seed_batch(batch, oldest_ns); !known) {
      return Error(ErrorCode::kUnavailable, "looking up spans that may be stored: " + known.error().message());
    }
  }
  return deliver(batch, origin);
}

// What of the batch waits in the journal or is stored. Stored starts are never before the ones that came.
Status SpanPath::seed_batch(const signal::SpanBatch& batch, int64_t oldest_ns) {
  std::unordered_set<uint64_t> wanted;
  for (const signal::Span& span : batch.spans) wanted.insert(span.span_id);
  std::vector<pipeline::SpanIntake::KnownSpan> known;
  Status read = store_->recent_spans(oldest_ns, kAgainSpansMax, [&](const store::SpanKey& key) {
    if (!wanted.contains(key.span_id)) return;
    known.push_back({.trace_id_low = key.trace_id_low, .span_id = key.span_id, .llm = key.is_llm});
  });
  if (!read) return read;
  std::string ids;
  size_t in_list = 0;
  for (auto id = wanted.begin(); id != wanted.end();) {
    ids += (ids.empty() ? "" : ",") + std::to_string(*id);
    if (++id != wanted.end() && ++in_list < kSeedStep) continue;
    const auto rows = store_->engine().select(
        "SELECT trace_id_low, span_id, is_llm FROM spans WHERE start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') "
        "AND span_id IN (" +
            ids + ")",
        {.parameters = {{"since", std::to_string(oldest_ns)}}, .timeout = kSeedTimeout});
    if (!rows) return rows.error();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      known.push_back({.trace_id_low = rows->column(0).u64(i),
                       .span_id = rows->column(1).u64(i),
                       .llm = rows->column(2).u64(i) != 0});
    }
    ids.clear();
    in_list = 0;
  }
  intake_.seed(known);
  return base::ok();
}

void SpanPath::dropped(const pipeline::SpanOrigin& origin, std::string_view reason, uint64_t spans) {
  intake_.dropped(origin, reason, spans);
}

Status SpanPath::client_stats(const ddtrace::ClientStats& stats) {
  const signal::MetricBatch batch =
      pipeline::client_stats_metrics(stats, base::unix_seconds(clock_.wall()), {.attribution = attribution_});
  return batch.empty() ? base::ok() : store_->append(batch);
}

api::PriceParts SpanPath::price_parts() {
  return {.book = *prices_, .clock = clock_, .save = [this](const std::string& json) {
            return save_override(override_file_, json);
          }};
}

void SpanPath::watch_gap() {
  const pipeline::IngestGap gap = ledger_.gap();
  if (gap.spans > gap_told_) {
    spdlog::error("{} spans were accepted {} s ago and are not queryable yet", gap.spans, gap.oldest.count() / 1000);
  } else if (gap.spans == 0 && gap_told_ > 0) {
    spdlog::info("all accepted spans are queryable again");
  }
  gap_told_ = gap.spans;
}

}  // namespace godseye::app
