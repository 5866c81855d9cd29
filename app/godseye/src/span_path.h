#pragma once

#include "settings.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <godseye/api/price_routes.h>
#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/ddtrace/client_stats.h>
#include <godseye/pipeline/catalogues.h>
#include <godseye/pipeline/ingest_ledger.h>
#include <godseye/pipeline/prices.h>
#include <godseye/pipeline/span_intake.h>
#include <godseye/store/store.h>

namespace godseye::app {

// For StoreConfig: what is derived from spans under these settings.
std::function<signal::MetricBatch(const signal::SpanBatch&)> derive_of(const Settings& settings);

// The way of a span through this process, composed: prices, the span intake, the ledger, the store's derive hook
// (docs/traces.md). Spans are refused (kUnavailable, so that clients try again) until the ids of the stored ones are
// known: a span that was acknowledged before a crash and comes again after it must not count twice.
// Threads: `open`, `attach` and `seed` from the thread that composes, before requests are served; the rest from any.
class SpanPath {
 public:
  // Errors name the file of --prices and the place in it.
  static base::Result<std::unique_ptr<SpanPath>> open(const Settings& settings, base::Clock clock);

  // `store` must outlive this.
  void attach(store::Store& store) { store_ = &store; }
  // Learns the ids of what is stored and waits in the journal, and which sessions talked to which model. Without the
  // engine what is known of the journal must do: warned about.
  void seed();

  // What routes need: see api::SpanSinks.
  base::Status deliver(signal::SpanBatch& batch, const pipeline::SpanOrigin& origin);
  // Spans that may be stored already, however long ago they came first: their ids are looked up in journal and store
  // unless memory reaches as far. kUnavailable while that is not possible.
  base::Status deliver_again(signal::SpanBatch& batch, const pipeline::SpanOrigin& origin);
  // Events with product analytics calls among them, judged and into the journal.
  base::Status append_events(signal::EventBatch& batch);
  void dropped(const pipeline::SpanOrigin& origin, std::string_view reason, uint64_t spans);
  base::Status client_stats(const ddtrace::ClientStats& stats);
  // A batch of metrics on its way to the journal: services that report llm.* themselves are noted.
  void saw(const signal::MetricBatch& batch) { intake_.saw_metrics(batch, clock_.wall()); }
  api::PriceParts price_parts();
  std::shared_ptr<const pipeline::PriceTable> price_table() const { return prices_->now(); }
  // See pipeline::SpanIntake.
  void forget_session(std::string_view session) { intake_.forget_session(session); }
  void forget_users() { intake_.forget_users(); }

  pipeline::IngestLedger& ledger() { return ledger_; }
  pipeline::CatalogueBook& catalogues() { return catalogues_; }
  const pipeline::SpanIntake& intake() const { return intake_; }
  // Logs a gap between accepted and queryable when it begins, grows and ends. From one thread.
  void watch_gap();

 private:
  SpanPath(const Settings& settings, std::unique_ptr<pipeline::PriceBook> prices, base::Clock clock);
  base::Status read_prices(const Settings& settings);
  void seed_ids(int64_t since_s);
  base::Status seed_batch(const signal::SpanBatch& batch, int64_t oldest_ns);
  void seed_calls(int64_t since_s);
  void seed_stored_calls(int64_t since_s);

  const base::Clock clock_;
  const signal::AttributionKeys attribution_;
  const size_t ids_max_;
  const std::string override_file_;  // what the API put, over a restart
  std::unique_ptr<pipeline::PriceBook> prices_;
  pipeline::CatalogueBook catalogues_;
  pipeline::IngestLedger ledger_;
  pipeline::SpanIntake intake_;
  store::Store* store_ = nullptr;
  std::atomic<bool> seeded_{false};
  int64_t ids_since_ns_ = INT64_MAX;  // spans that started later are known; written before `seeded_`
  uint64_t gap_told_ = 0;
};

}  // namespace godseye::app
