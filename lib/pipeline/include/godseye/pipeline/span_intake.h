#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/pipeline/ingest_ledger.h>
#include <godseye/pipeline/prices.h>
#include <godseye/pipeline/text_policy.h>
#include <godseye/signal/event.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/span.h>

namespace godseye::guard {
class Catalogue;
}

// `SpanIntake` stands between the codecs and the journal and decides everything about a span that depends on more than
// the span (docs/traces.md "decide before the journal"): names as Datadog's Agent writes them, times clamped, ids of
// zero and second arrivals dropped, entry spans marked, money counted once and priced, text scored and then masked. All
// of it is written into the batch.
//
// A span counts once. The last `span_ids_max` accepted ids are remembered; a span that comes again is dropped. When the
// journal refuses a batch its ids are forgotten, so that the client's retry is accepted: use `deliver`.
// Money counts once. Of two LLM spans that describe one call (same call id; a gateway's span below a client's in the
// trace; a span with `gen_ai.*` tags and an LLM Observability event of the same id) the first to arrive counts, the
// other is stored with kSpanLlmNotCounted.
//
// Threads: every function from any thread; locks are sharded and held for a few spans. A plain APM span allocates
// nothing. Never fails: what cannot be kept is counted in `ledger()`.
namespace godseye::pipeline {

// Where a payload came from. `client`: language ("python", "nodejs"), "" unknown; `path`: a fixed word of the route
// ("v0.4", "llmobs"). Views: used during the call only.
struct SpanOrigin {
  std::string_view client;
  std::string_view client_version;
  std::string_view path;
  bool stats_by_client = false;      // Datadog-Client-Computed-Stats
  bool top_level_by_client = false;  // Datadog-Client-Computed-Top-Level
};

// A finished step of a customer: successful spans that match count for `llm.session.converted{kind}` when their session
// talked to a model before.
struct ConversionRule {
  std::string kind;      // "cart", "checkout"
  std::string service;   // exact; empty: any
  std::string resource;  // exact or with * at either end
};

struct SpanIntakeConfig {
  std::chrono::seconds past_max = std::chrono::hours(24);      // older starts: the span is moved to now and flagged
  std::chrono::seconds future_max = std::chrono::minutes(10);  // newer ones likewise
  size_t span_ids_max = 1'000'000;                             // remembered for duplicates; about 24 bytes each
  size_t calls_max = 100'000;     // call ids, and traces with LLM spans, remembered for counting once
  size_t sessions_max = 100'000;  // sessions that talked to a model, for conversions
  // Whose earlier messages are remembered for scoring the next (split payloads, probing); about 1 KB each, at most 8.
  size_t conversations_max = 10'000;
  size_t services_max = 10'000;  // that report llm.* metrics themselves
  size_t clients_max = 1'000;    // rows of the ledger
  TextPolicy store_text;
  bool score_text = true;
  std::vector<ConversionRule> conversions = default_conversion_rules();
  // A session (or a user without one) that uses more tokens within 10 minutes counts once in
  // llm.security.token_abuse; 0: never.
  int64_t token_abuse_tokens = 500'000;
  // Against which an answer's products are checked; null, or a null catalogue: they are not. Called for each answer,
  // from any thread.
  std::function<std::shared_ptr<const guard::Catalogue>(std::string_view ml_app, std::string_view service)> catalogue;

  static std::vector<ConversionRule> default_conversion_rules();
  // "cart=*CartService/AddItem,checkout=frontend@POST /checkout"; kInvalidArgument names the item that is wrong.
  static base::Result<std::vector<ConversionRule>> parse_conversion_rules(std::string_view text);
};

// Why a span came to nothing, as the ledger names it: "zero_id", "duplicate", "partial" (a snapshot of a span that is
// still running: the finished one follows).
struct SpanIntakeStats {
  uint64_t spans_in = 0;
  uint64_t spans_out = 0;
  uint64_t zero_ids = 0;
  uint64_t duplicates = 0;
  uint64_t partials = 0;
  uint64_t times_clamped = 0;
  uint64_t values_cut = 0;  // names, tags and values longer than Datadog keeps
  uint64_t llm_spans = 0;
  uint64_t llm_not_counted = 0;
  uint64_t llm_self_reported = 0;
  uint64_t llm_price_unknown = 0;
  uint64_t texts_scored = 0;
  uint64_t texts_masked = 0;    // spans whose text lost personal data
  uint64_t score_failures = 0;  // text that could not be read as JSON
  uint64_t turns_raised = 0;    // messages whose score their conversation raised
  uint64_t conversions = 0;
  uint64_t token_abuses = 0;
  uint64_t evaluations = 0;
  size_t ids_known = 0;
  size_t conversations_known = 0;
};

class SpanIntake {
 public:
  using Append = std::function<base::Status(const signal::SpanBatch&)>;

  // `prices` and `ledger` must outlive the intake.
  SpanIntake(SpanIntakeConfig config, const PriceBook& prices, IngestLedger& ledger, base::Clock clock);
  ~SpanIntake();
  SpanIntake(const SpanIntake&) = delete;
  SpanIntake& operator=(const SpanIntake&) = delete;

  // What a route does with a decoded payload: accept, append unless nothing is left, and the ledger's entries. The
  // error is `append`'s; then the batch's ids are forgotten and the client may send it again. kUnavailable as well when
  // spans came a second time while their first arrival was still being written by another thread: whether they are
  // stored is not known yet, so the client must not be told so. What was new in the payload is stored then.
  base::Status deliver(signal::SpanBatch& batch, const SpanOrigin& origin, const Append& append);

  // The first half: decides, in place; returns `batch`. May leave it empty.
  signal::SpanBatch& accept(signal::SpanBatch& batch, const SpanOrigin& origin);
  // Undoes accept's memory of the batch's ids, after the journal refused it.
  void forget(const signal::SpanBatch& batch);

  // Spans that the codec already dropped from a payload: counted as received and dropped. Any thread.
  void dropped(const SpanOrigin& origin, std::string_view reason, uint64_t spans);

  // A service sent metric `name` itself: its family (`llm.tokens`, `llm.request`, …) is not derived for the service
  // during the next 10 minutes. Names that do not begin with "llm." are ignored.
  void saw_metric(std::string_view service, std::string_view name, base::WallTime time);
  // The llm.* series of a batch that is about to be journalled, by their tag `service`.
  void saw_metrics(const signal::MetricBatch& batch, base::WallTime time);

  // Product analytics calls (docs/product-analytics.md): before the journal, those of a session that talked to a model
  // get its service and model, and a conversion its kind unless a span told of it; then, by how the journal took them,
  // what people did with answers is remembered for the session's next one, or the conversion is forgotten.
  void judge_events(signal::EventBatch& batch);
  void events_kept(const signal::EventBatch& batch);
  void forget_events(const signal::EventBatch& batch);

  // What the store knew at start. `llm`: the span carried LLM data.
  struct KnownSpan {
    uint64_t trace_id_low = 0;
    uint64_t span_id = 0;
    bool llm = false;
  };
  void seed(std::span<const KnownSpan> spans);
  // A session that called a model, by its last call; a call id whose span is stored.
  void seed_session(std::string_view session, std::string_view service, std::string_view model,
                    std::string_view provider);
  void seed_call(std::string_view call_id);

  // Data was deleted: what a session said is remembered no longer; with a user's that of all, since sessions are not
  // remembered by their users.
  void forget_session(std::string_view session);
  void forget_users();

  SpanIntakeStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace godseye::pipeline
