#include "server.h"

#include "access_path.h"
#include "backup.h"
#include "control_parts.h"
#include "cut_work.h"
#include "cutter.h"
#include "data_lock.h"
#include "dogstatsd_listeners.h"
#include "erasure.h"
#include "event_path.h"
#include "gateway_path.h"
#include "notify_path.h"
#include "reports.h"
#include "self_metrics.h"
#include "service_notify.h"
#include "span_path.h"
#include "system_report.h"
#include "trace_listeners.h"
#include "watchdog.h"

#include <atomic>

#include <godseye/api/catalogue_routes.h>
#include <godseye/api/core_routes.h>
#include <godseye/api/errors.h>
#include <godseye/api/history_routes.h>
#include <godseye/api/inspect_routes.h>
#include <godseye/api/intake_routes.h>
#include <godseye/api/live.h>
#include <godseye/api/llmobs_intake_routes.h>
#include <godseye/api/management_routes.h>
#include <godseye/api/monitor_page_routes.h>
#include <godseye/api/notification_routes.h>
#include <godseye/api/price_routes.h>
#include <godseye/api/query_routes.h>
#include <godseye/api/router.h>
#include <godseye/api/span_routes.h>
#include <godseye/api/system_routes.h>
#include <godseye/base/log.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/monitor/recording.h>
#include <godseye/monitor/shipped.h>
#include <godseye/net/http_server.h>
#include <godseye/notify/notifier.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/metric_intake.h>
#include <godseye/query/query_engine.h>
#include <godseye/query/recent_points.h>
#include <godseye/query/span_engine.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/registry.h>
#include <godseye/respond/responder.h>
#include <godseye/sandbox/image_decoder.h>
#include <godseye/store/store.h>

namespace godseye::app {
namespace {

constexpr const char* kRegistryFile = "/registry.sqlite";
// A dashboard asks several queries at once, and one worker of them waits for the engine.
constexpr unsigned kHttpWorkers = 8;
constexpr int kEngineNiceBesideGateway = 5;  // a quarter of a processor that others want as well
constexpr size_t kMonitorsFileBytesMax = 8 << 20;
// The engine opens in a second; on a busy machine with a full journal in a few.
constexpr std::chrono::seconds kStoreStart{10};

std::string public_url_of(const Settings& settings, const net::ListenAddress& bound) {
  if (!settings.public_url.empty()) return settings.public_url;
  return (settings.tls_cert.empty() ? "http://" : "https://") + bound.text();
}

}  // namespace

// Members are in the order of their making; destruction is the reverse.
class Server::Impl {
 public:
  Impl(const Settings& settings, base::Clock clock, DataLock lock)
      : settings_(settings), clock_(std::move(clock)), lock_(std::move(lock)) {}
  ~Impl() { stop(std::chrono::milliseconds(8000)); }

  base::Status start(std::span<const api::PageFile> pages) {
    if (base::Status opened = open_registry(); !opened) return opened;
    // Bound early: a busy port shows before an engine was started, and links need the port. Requests get 503 until the
    // end of this function.
    if (base::Status opened = open_http(); !opened) return opened;
    auto spans = SpanPath::open(settings_, clock_);
    if (!spans) return std::move(spans).error();
    span_path_ = *std::move(spans);
    if (base::Status opened = open_store(); !opened) return opened;
    pipeline::AggregatorConfig aggregation;
    aggregation.attribution = settings_.attribution_tags;
    aggregation.contexts_max = settings_.contexts_max;
    aggregation.origin = {.enabled = settings_.dogstatsd_origin,
                          .cardinality = settings_.dogstatsd_cardinality,
                          .container_of_inode = [this](uint64_t inode) { return containers_.of_inode(inode); }};
    aggregator_ = std::make_unique<pipeline::Aggregator>(std::move(aggregation));
    event_path_ = std::make_unique<EventPath>(settings_, *store_, *aggregator_, *span_path_, clock_,
                                              public_url_of(settings_, http_->address()));
    if (base::Status opened =
            dogstatsd_.start(settings_, *aggregator_, clock_, settings_.dogstatsd_origin ? &containers_ : nullptr);
        !opened)
      return opened;
    if (base::Status opened = open_evaluation(); !opened) return opened;
    add_routes(pages);
    // Up means that queries are answered. An engine that is dead or slow must not keep intake from being announced.
    if (base::Status ready = store_->wait_ready(clock_.tick() + kStoreStart); !ready) {
      spdlog::warn("starting without the store, data waits in the journal: {}", ready.error().message());
    }
    span_path_->seed();
    // Late: who finds this port closed tries again, who is refused on it may not.
    if (base::Status opened = trace_agent_.start(settings_, span_sinks(), *llmobs_routes_, dogstatsd_.port());
        !opened) {
      return opened;
    }
    if (base::Status opened = gateway_path_->start(settings_, gateway_needs()); !opened) return opened;
    ready_.store(true, std::memory_order_release);
    cutter_ = std::make_unique<Cutter>(clock_, [this](base::WallTime end) { cut_work_->run(end); });
    open_watchdog();
    watching_.store(true, std::memory_order_release);
    return base::ok();
  }

  // In the order of the data's way, so that each part still finds the next one open: nothing comes in any more, what is
  // there is cut and journalled, then the parts go.
  void stop(std::chrono::milliseconds grace) {
    if (stopped_) return;
    stopped_ = true;
    if (watchdog_) watchdog_->stop();
    live_.close();
    if (control_routes_) control_routes_->close();
    if (gateway_path_) gateway_path_->stop(grace / 4);
    if (http_) http_->stop(grace / 2);
    trace_agent_.stop(grace / 4);
    dogstatsd_.stop();
    if (cutter_) cutter_->stop();
    if (cut_work_) cut_work_->finish();
    notifier_.reset();
  }

  const std::string& first_keys() const { return first_keys_; }
  std::string listeners() const {
    return "http=" + http_->address().text() + dogstatsd_.text() + trace_agent_.text() + gateway_path_->listener();
  }

 private:
  base::Status open_registry() {
    auto registry = registry::Registry::open({.path = settings_.data_dir + kRegistryFile});
    if (!registry) return std::move(registry).error();
    registry_ = *std::move(registry);
    auto keys = registry_->change<std::optional<registry::FirstKeys>>([&](registry::WriteSession& session) {
      return registry::create_first_keys(session, base::unix_seconds(clock_.wall()));
    });
    if (!keys) return std::move(keys).error();
    if (keys->has_value()) first_keys_ = "api_key=" + (*keys)->api_key + " app_key=" + (*keys)->app_key;
    access_ = std::make_unique<AccessPath>(settings_, *registry_, clock_);
    auto gateway = GatewayPath::open(settings_, *registry_, clock_);
    if (!gateway) return std::move(gateway).error();
    gateway_path_ = *std::move(gateway);
    if (base::Status imported = import_channels(settings_, *registry_, *gateway_path_->vault(), clock_); !imported) {
      return imported;
    }
    return import_monitors();
  }

  base::Status import_monitors() {
    std::string_view files = settings_.monitors;
    while (!files.empty()) {
      const std::string file(files.substr(0, files.find(',')));
      files.remove_prefix(std::min(files.size(), file.size() + 1));
      if (base::Status imported = import_monitors(file); !imported) return imported;
    }
    return base::ok();
  }

  base::Status import_monitors(const std::string& file) {
    base::Result<std::string> json = read_file(file, kMonitorsFileBytesMax);
    if (!json) return std::move(json).error();
    auto report = monitor::import_monitors(*registry_, *json, base::unix_seconds(clock_.wall()));
    if (!report) return std::move(report).error().within(file);
    spdlog::info("{}: {} monitors imported, {} were there", file, report->created, report->present);
    for (const std::string& text : report->unsupported) spdlog::warn("{}: left out: {}", file, text);
    for (const std::string& text : report->warnings) spdlog::warn("{}: {}", file, text);
    return base::ok();
  }

  // What the store keeps rolled up, for questions over four hours and more.
  query::Limits query_limits() const {
    query::Limits limits;
    limits.rollup_span_min = std::chrono::hours(4);
    limits.points_days = settings_.retention_days;
    limits.rollup_1m_days = std::max(limits.points_days, static_cast<uint32_t>(settings_.rollup_1m_days));
    limits.rollup_5m_days = std::max(limits.rollup_1m_days, static_cast<uint32_t>(settings_.rollup_5m_days));
    return limits;
  }

  base::Status open_store() {
    store::StoreConfig config;
    config.data_dir = settings_.data_dir + "/store";
    config.clickhouse_url = settings_.clickhouse_url;
    config.clickhouse_user = settings_.clickhouse_user;
    config.clickhouse_password = settings_.clickhouse_password;
    config.store_program = settings_.store_program;
    config.engine_library = settings_.engine;
    config.journal_sync = settings_.journal_sync;
    config.journal_bytes_max = settings_.journal_bytes_max;
    config.early_pause = std::chrono::milliseconds(settings_.store_pause_ms);
    config.retention_days = settings_.retention_days;
    config.rollup_days = {static_cast<uint32_t>(settings_.rollup_1m_days),
                          static_cast<uint32_t>(settings_.rollup_5m_days),
                          static_cast<uint32_t>(settings_.rollup_1h_days)};
    config.engine_memory_bytes = settings_.engine_memory_bytes;
    // Calls through the gateway wait for a processor; what is stored is in the journal already.
    if (settings_.gateway) config.engine_nice_steps = kEngineNiceBesideGateway;
    config.span_retention_days = settings_.span_retention_days;
    config.derive = derive_of(settings_);
    config.derive_events = pipeline::derive_event_metrics;
    // A remote ClickHouse may get points that this process knows nothing of.
    if (settings_.recent_memory_bytes > 0 && settings_.clickhouse_url.empty()) {
      query::RecentConfig recent;
      recent.bytes_max = settings_.recent_memory_bytes;
      recent_ = std::make_unique<query::RecentPoints>(recent, clock_);
      config.points = {.storing = [this] { recent_->storing(); },
                       .stored = [this](std::span<const signal::MetricBatch> batches,
                                        bool settled) { recent_->stored(batches, settled); },
                       .unclear = [this] { recent_->unclear(); }};
    }
    auto store = store::Store::open(std::move(config), clock_);
    if (!store) return std::move(store).error();
    store_ = *std::move(store);
    span_path_->attach(*store_);
    queries_ = std::make_unique<query::QueryEngine>(store_->engine(), clock_, query_limits(), recent_.get());
    events_ = std::make_unique<query::EventEngine>(store_->engine());
    spans_ = std::make_unique<query::SpanEngine>(store_->engine(), clock_);
    return base::ok();
  }

  base::Status open_http() {
    router_ = std::make_unique<api::Router>(access_->keys(), access_->router_config());
    net::HttpServerConfig config;
    config.address = settings_.http;
    config.tls_certificate_file = settings_.tls_cert;
    config.tls_key_file = settings_.tls_key;
    config.workers = kHttpWorkers;
    config.body_bytes_max = settings_.http_body_max;
    config.bodies_bytes_max = std::max<size_t>(config.bodies_bytes_max, 2 * settings_.http_body_max);
    auto http = net::HttpServer::start(std::move(config), [this](const net::HttpRequest& request) {
      if (!ready_.load(std::memory_order_acquire)) return api::error_response(503, "starting");
      return router_->handle(request);
    });
    if (!http) return std::move(http).error().within("http");
    http_ = *std::move(http);
    return base::ok();
  }

  // Where spans go, whatever way they came in.
  api::SpanSinks span_sinks() {
    return {.deliver = [this](signal::SpanBatch& batch,
                              const pipeline::SpanOrigin& origin) { return span_path_->deliver(batch, origin); },
            .dropped = [this](const pipeline::SpanOrigin& origin, std::string_view reason,
                              uint64_t spans) { span_path_->dropped(origin, reason, spans); },
            .client_stats = [this](const ddtrace::ClientStats& stats) { return span_path_->client_stats(stats); },
            .dogstatsd = [this](std::string_view lines) { aggregator_->add_packet(lines, clock_.wall()); }};
  }

  // Spans are priced, masked and counted once by the same intake as every other.
  GatewayNeeds gateway_needs() {
    GatewayNeeds needs;
    needs.spans = [this](signal::SpanBatch& batch) {
      return span_path_->deliver(batch, {.client = "gateway", .client_version = GE_VERSION, .path = "gateway"});
    };
    needs.catalogue = [this](std::string_view ml_app, std::string_view service) {
      return span_path_->catalogues().for_application(ml_app, service);
    };
    needs.prices = [this] { return span_path_->price_table(); };
    needs.decoder = decoder_.get();
    needs.metrics = [this](std::string_view lines) { aggregator_->add_packet(lines, clock_.wall()); };
    return needs;
  }

  // A server without its decoder still inspects structures; answers and `godseye doctor` say that it cannot decode.
  void open_inspection() {
    if (settings_.image_decoder != "off") {
      decoder_ = std::make_unique<sandbox::ImageDecoder>(sandbox::DecoderConfig{.program = settings_.image_decoder});
      if (base::Status there = decoder_->check(); !there)
        spdlog::warn("no images are decoded: {}", there.error().message());
    }
    inspect_routes_ = std::make_unique<api::InspectRoutes>(
        decoder_.get(), [this](std::string_view name) { return span_path_->catalogues().find(name); });
    inspect_routes_->add_to(*router_);
  }

  void add_routes(std::span<const api::PageFile> pages) {
    api::add_core_routes(*router_,
                         {.health = [this] { return health_of(read()); },
                          .ingestion = [this] { return ingestion_of(read()); },
                          .metrics = [this] { return prometheus_text(self_metrics_of(read())); }},
                         live_);
    intake_ = std::make_unique<pipeline::MetricIntake>(
        pipeline::MetricIntakeConfig{.attribution = settings_.attribution_tags}, clock_);
    intake_routes_ = std::make_unique<api::IntakeRoutes>(*intake_, [this](const signal::MetricBatch& batch) {
      span_path_->saw(batch);
      return store_->append(batch);
    });
    intake_routes_->add_to(*router_);
    api::add_history_routes(
        *router_, {.clock = clock_,
                   .attribution = settings_.attribution_tags,
                   .oldest_s = [this] { return store_->oldest_import_s(); },
                   .import = [this](const signal::MetricBatch& batch) { return store_->import_points(batch); }});
    api::add_price_routes(*router_, span_path_->price_parts());
    api::add_catalogue_routes(*router_, span_path_->catalogues(), clock_);
    llmobs_routes_ = std::make_unique<api::LlmObsIntakeRoutes>(span_sinks());
    llmobs_routes_->add_to(*router_);
    event_path_->add_to(*router_);
    open_inspection();
    gateway_path_->add_to(*router_);
    api::ControlParts control = control_parts(gateway_path_->control(), *span_path_, *store_, clock_);
    control.metrics = [this](std::string_view lines) { aggregator_->add_packet(lines, clock_.wall()); };
    control_routes_ = std::make_unique<api::ControlRoutes>(std::move(control));
    control_routes_->add_to(*router_);
    api::add_query_routes(*router_, *queries_, clock_);
    api::add_datadog_span_routes(*router_, *spans_, clock_);
    api::add_span_routes(*router_, *spans_, clock_);
    api::add_backup_routes(
        *router_, [this](std::string_view name) { return make_backup(settings_, clock_, *registry_, *store_, name); });
    api::add_erasure_routes(*router_, erasure_parts(*store_, *span_path_));
    const api::ManagementParts management{
        .registry = *registry_,
        .evaluator = [this] { return evaluator_.get(); },
        .clock = clock_,
        .on_change = [this](std::string_view topic) { live_.publish(topic, "{}"); },
        .spans = spans_.get(),
        .public_url = settings_.public_url,
        .on_owed = [this] { notifier_->wake(); },
    };
    api::add_monitor_routes(*router_, management);
    api::add_monitor_trial_route(*router_, *queries_, events_.get(), clock_);
    api::add_downtime_routes(*router_, management);
    api::add_incident_routes(*router_, management);
    api::add_case_routes(*router_, management);
    api::add_webhook_routes(*router_, management);
    api::add_notification_routes(
        *router_,
        {.management = management, .vault = gateway_path_->vault(), .notifier = [this] { return notifier_.get(); }});
    api::add_monitor_page_routes(*router_, management, channel_handles);
    api::add_system_routes(*router_, [this] {
      return system_report(
          read(), {.settings = settings_, .engine = store_->engine(), .started = started_, .wall = clock_.wall()});
    });
    access_->add_to(*router_);
    api::add_pages(*router_, pages);
  }

  base::Status open_evaluation() {
    notifier_ = start_notifier(settings_, *registry_, gateway_path_->vault(),
                               public_url_of(settings_, http_->address()), clock_);
    responder_ = std::make_unique<respond::Responder>(
        respond::ResponderConfig{.public_url = public_url_of(settings_, http_->address())}, clock_, [this] {
          notifier_->wake();
          live_.publish("monitors", "{}");
          live_.publish("incidents", "{}");
          live_.publish("cases", "{}");
        });
    windows_ = monitor::engine_queries(*queries_, events_.get());
    if (base::Status opened = open_recorder(); !opened) return opened;
    evaluator_ = std::make_unique<monitor::Evaluator>(
        *registry_, *windows_, *responder_, clock_,
        monitor::EvaluatorConfig{.holder = std::filesystem::absolute(settings_.data_dir).lexically_normal().string()});
    CutWork::Steps steps{.before_cut = [this] { add_self_metrics(); },
                         .cut = [this](const signal::MetricBatch& batch) { span_path_->saw(batch); },
                         .before_rotate = [this] { span_path_->ledger().note(); },
                         .rotated = [this](uint64_t sequence) { span_path_->ledger().mark(sequence); },
                         .stored = [this](uint64_t sequence) { span_path_->ledger().confirm(sequence); },
                         .evaluate = [this](base::WallTime end) { return evaluate(end); },
                         .after_store = [this](base::WallTime end) { tell(end); }};
    cut_work_ = std::make_unique<CutWork>(*aggregator_, *store_, clock_, std::move(steps));
    return base::ok();
  }

  base::Status open_recorder() {
    std::vector<monitor::RecordingRule> rules;
    if (!settings_.recording_rules.empty()) {
      base::Result<std::string> json = read_file(settings_.recording_rules, kMonitorsFileBytesMax);
      if (!json) return std::move(json).error();
      auto parsed = monitor::parse_recording_rules(*json);
      if (!parsed) return std::move(parsed).error().within(settings_.recording_rules);
      rules = *std::move(parsed);
    }
    recorder_ = std::make_unique<monitor::Recorder>(std::move(rules), *windows_, clock_);
    return base::ok();
  }

  void add_self_metrics() {
    span_path_->watch_gap();
    event_path_->flush();
    const base::WallTime now = clock_.wall();
    for (const std::string& line : self_metrics_.lines(self_metrics_of(read()))) aggregator_->add_packet(line, now);
  }

  bool evaluate(base::WallTime end) {
    // Monitors see what is recorded here at the next cut.
    if (const signal::MetricBatch recorded = recorder_->run(end); !recorded.empty()) {
      const base::Status appended = store_->append(recorded);
      if (!appended) spdlog::warn("recorded values are lost: {}", appended.error().message());
    }
    const base::Status evaluated = evaluator_->evaluate(end);
    if (!evaluated) spdlog::error("monitors were not evaluated: {}", evaluated.error().message());
    return static_cast<bool>(evaluated);
  }

  void tell(base::WallTime end) {
    live_.publish("metrics", "{\"time\":" + std::to_string(base::unix_seconds(end)) + "}");
  }

  // A service manager hears from the thread that asks every part for its counters: a lock that is never given back
  // stops it, a slow store or a slow monitor does not.
  void open_watchdog() {
    WatchdogConfig config{.alarm_url = settings_.alarm_url,
                          .heartbeat_url = settings_.heartbeat_url,
                          .source = public_url_of(settings_, http_->address())};
    const ServiceNotify notify(settings_.notify_socket, settings_.notify_watchdog);
    if (notify.alive_every().count() > 0) {
      config.every = std::min(config.every, notify.alive_every());
      config.alive = [notify] { (void)notify.alive(); };
    }
    watchdog_ = std::make_unique<Watchdog>(std::move(config), clock_, [this] { return watch(); });
  }

  WatchReading watch() const {
    const Readings now = read();
    uint64_t discarded = 0;
    for (const api::IntakePath& path : ingestion_of(now).paths) discarded += path.discarded;
    return {.at = clock_.tick(),
            .evaluated = now.cuts.evaluated,
            .discarded = discarded + now.dogstatsd.dropped_by_kernel,
            .disk_free_bytes = now.process.disk_free_bytes,
            .disk_bytes = now.process.disk_bytes};
  }

  Readings read() const {
    Readings now;
    now.aggregator = aggregator_->stats();
    now.intake = intake_->stats();
    now.intake_routes = intake_routes_->stats();
    now.dogstatsd = dogstatsd_.stats();
    now.traces = trace_agent_.stats();
    now.llmobs = llmobs_routes_->paths();
    now.inspect = inspect_routes_->stats();
    if (decoder_) now.decoder = decoder_->stats();
    now.http = http_->stats();
    now.access = access_->stats();
    now.router = router_->stats();
    now.gateway = gateway_path_->stats();
    now.control = gateway_path_->control().stats();
    now.control_routes = control_routes_->stats();
    now.blocks = gateway_path_->policy().blocks.stats();
    now.automatic_blocks = gateway_path_->policy().auto_blocker.stats();
    now.events = event_path_->stats();
    now.spans = span_path_->intake().stats();
    now.span_clients = span_path_->ledger().rows();
    now.span_gap = span_path_->ledger().gap();
    now.store = store_->stats();
    now.store_health = store_->health();
    now.registry = registry_->stats();
    now.cuts = cut_work_->stats();
    now.monitors = evaluator_->stats();
    if (recent_) now.recent = recent_->stats();
    now.recorder = recorder_->stats();
    now.notifier = notifier_->stats();
    now.process = process_usage(settings_.data_dir);
    if (watching_.load(std::memory_order_acquire)) {
      now.alarms = watchdog_->alarms();
      now.watchdog = watchdog_->stats();
    }
    return now;
  }

  const Settings settings_;
  const base::Clock clock_;
  const base::WallTime started_ = clock_.wall();
  bool stopped_ = false;
  std::atomic<bool> ready_{false};  // everything that a handler uses is made
  DataLock lock_;
  std::unique_ptr<registry::Registry> registry_;
  std::string first_keys_;
  std::unique_ptr<AccessPath> access_;
  std::unique_ptr<GatewayPath> gateway_path_;  // stopped before what its calls use goes
  api::LiveHub live_;
  std::unique_ptr<api::Router> router_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<SpanPath> span_path_;
  std::unique_ptr<query::RecentPoints> recent_;  // null: none; the store's writer calls it
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<query::QueryEngine> queries_;
  std::unique_ptr<query::EventEngine> events_;  // of the monitors
  std::unique_ptr<query::SpanEngine> spans_;
  ContainerFinder containers_{clock_};
  std::unique_ptr<pipeline::Aggregator> aggregator_;
  std::unique_ptr<EventPath> event_path_;
  DogstatsdListeners dogstatsd_;
  std::unique_ptr<pipeline::MetricIntake> intake_;
  std::unique_ptr<api::IntakeRoutes> intake_routes_;
  std::unique_ptr<api::LlmObsIntakeRoutes> llmobs_routes_;
  TraceListeners trace_agent_;
  std::unique_ptr<sandbox::ImageDecoder> decoder_;
  std::unique_ptr<api::InspectRoutes> inspect_routes_;
  std::unique_ptr<api::ControlRoutes> control_routes_;
  std::unique_ptr<notify::Notifier> notifier_;
  std::unique_ptr<respond::Responder> responder_;
  std::unique_ptr<monitor::WindowQueries> windows_;
  std::unique_ptr<monitor::Evaluator> evaluator_;
  std::unique_ptr<monitor::Recorder> recorder_;
  SelfMetrics self_metrics_;  // on the cutter's thread
  std::unique_ptr<CutWork> cut_work_;
  std::unique_ptr<Cutter> cutter_;
  std::atomic<bool> watching_{false};  // watchdog_ is made
  std::unique_ptr<Watchdog> watchdog_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::start(const Settings& settings, base::Clock clock,
                                                    std::span<const api::PageFile> pages) {
  base::Result<DataLock> lock = DataLock::take(settings.data_dir);
  if (!lock) return std::move(lock).error();
  auto impl = std::make_unique<Impl>(settings, std::move(clock), *std::move(lock));
  if (base::Status started = impl->start(pages); !started) return std::move(started).error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const std::string& Server::first_keys() const { return impl_->first_keys(); }
std::string Server::listeners() const { return impl_->listeners(); }
void Server::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }

}  // namespace godseye::app
