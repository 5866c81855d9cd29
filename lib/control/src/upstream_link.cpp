#include "sse.h"
#include "upstream_link_impl.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <godseye/base/file.h>
#include <godseye/base/log.h>
#include <godseye/store/span_records.h>

namespace godseye::control {

namespace {

constexpr size_t kDecisionsPerBody = 1000;
constexpr size_t kDecisionBytesPerBody = 4u << 20;
constexpr size_t kReplyBytesMax = 128u << 20;
constexpr std::chrono::milliseconds kLastAttempt{2'000};
constexpr std::string_view kApi = "/api/godseye/v1/";

std::string read_all(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(bytes).str();
}

size_t spans_in(const store::SegmentContents& contents) {
  size_t spans = 0;
  for (const signal::SpanBatch& batch : contents.spans) spans += batch.spans.size();
  return spans;
}

}  // namespace

Status UpstreamLink::Impl::open() {
  if (!config_.url.starts_with("http://") && !config_.url.starts_with("https://")) {
    return Error(ErrorCode::kInvalidArgument,
                 "upstream: expected http://HOST:PORT or https://HOST:PORT, not " + base::quoted(config_.url));
  }
  std::error_code failed;
  std::filesystem::create_directories(config_.directory, failed);
  if (failed) return Error(ErrorCode::kIo, "creating " + config_.directory + ": " + failed.message());
  auto spool = store::Journal::open(
      {.directory = config_.directory + "/spool", .sync = config_.sync, .bytes_max = config_.spool_bytes_max}, clock_);
  if (!spool) return std::move(spool).error();
  spool_ = *std::move(spool);
  for (const store::SegmentId id : spool_->closed()) left_.insert(id);
  auto decisions = DecisionSpool::open(config_.directory + "/decisions.jsonl", config_.decisions_bytes_max);
  if (!decisions) return std::move(decisions).error();
  decisions_ = *std::move(decisions);
  auto metrics = DecisionSpool::open(config_.directory + "/metrics.jsonl", config_.metrics_bytes_max);
  if (!metrics) return std::move(metrics).error();
  metrics_ = *std::move(metrics);
  if (Status loaded = load_saved(); !loaded) {
    // Known blocks are worth more than a clean file, and no file is no reason not to serve.
    spdlog::error("{}: {}; starting without blocks and settings until the server is reached", policy_file(),
                  loaded.error().message());
  }
  hold_unsent();
  return base::ok();
}

Status UpstreamLink::Impl::load_saved() {
  if (!std::filesystem::exists(policy_file())) return base::ok();
  base::Result<SavedPolicy> saved = parse_saved_policy(read_all(policy_file()));
  if (!saved) return std::move(saved).error();
  // Version 0: the server's first answer replaces it, whatever its number.
  for (Block& block : saved->blocks) block.version = 0;
  for (const Block& block : saved->blocks) policy_.auto_blocker.seed(block);
  if (Status put = policy_.blocks.replace(saved->blocks, 0); !put) return put;
  if (saved->sync.empty()) return base::ok();
  base::Result<SyncMessage> sync = parse_sync(saved->sync);
  if (!sync) return std::move(sync).error();
  sync_json_ = std::move(saved->sync);
  policy_.virtual_keys.replace(std::move(sync->virtual_keys));
  policy_.auto_blocker.set_exempt(sync->exemptions);
  policy_.set_settings(std::move(sync->settings));
  return base::ok();
}

// Blocks that this gateway decided and the server does not know of yet.
void UpstreamLink::Impl::hold_unsent() {
  const int64_t now_s = base::unix_seconds(clock_.wall());
  base::Result<std::vector<std::string>> lines = decisions_->next(SIZE_MAX, config_.decisions_bytes_max);
  if (!lines) return;
  for (const std::string& line : *lines) {
    base::Result<gateway::Decision> decision = gateway::parse_decision(line);
    if (!decision || decision->kind != gateway::DecisionKind::kBlockSet || decision->shadow) continue;
    if (!decision->block.active(now_s)) continue;
    (void)policy_.blocks.hold(decision->block);
    policy_.auto_blocker.seed(decision->block);
  }
}

void UpstreamLink::Impl::start() {
  policy_.set_sink([this](gateway::Decision&& decision) { note(std::move(decision)); });
  watcher_ = std::thread([this] { watch_loop(); });
  sender_ = std::thread([this] { send_loop(); });
}

void UpstreamLink::Impl::stop() {
  policy_.set_sink({});
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  watch_client_.stop();
  if (watcher_.joinable()) watcher_.join();
  if (sender_.joinable()) sender_.join();
}

bool UpstreamLink::Impl::pause(std::chrono::milliseconds time) {
  const base::TickTime until = base::system_clock().tick() + time;
  const base::MutexLock lock(mutex_);
  while (!stopping_) {
    if (!wake_.wait_until(mutex_, until)) break;
  }
  return !stopping_;
}

base::Result<net::HttpReply> UpstreamLink::Impl::call(net::HttpClient& client, std::string method, std::string path,
                                                      std::string_view body, std::chrono::milliseconds timeout,
                                                      bool again) {
  net::HttpCall call{.method = std::move(method), .url = config_.url};
  while (call.url.ends_with('/')) call.url.pop_back();
  call.url.append(kApi).append(path);
  if (!config_.api_key.empty()) call.headers.add("DD-API-KEY", config_.api_key);
  if (!config_.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", config_.app_key);
  if (again) call.headers.add("X-Godseye-Again", "1");
  call.body = body;
  call.timeout = timeout;
  call.reply_bytes_max = kReplyBytesMax;
  return client.send(call);
}

// What came of a call: an error unless the server took it.
Status UpstreamLink::Impl::exchanged(const base::Result<net::HttpReply>& reply, std::string_view what) {
  Status result = base::ok();
  if (!reply) {
    result = Error(reply.error()).within(what);
  } else if (reply->status >= 300) {
    const ErrorCode code = reply->status == 401 || reply->status == 403   ? ErrorCode::kPermissionDenied
                           : reply->status == 400 || reply->status == 413 ? ErrorCode::kInvalidArgument
                                                                          : ErrorCode::kUnavailable;
    result = Error(code, std::string(what) + ": " + config_.url + " answered " + std::to_string(reply->status) + " " +
                             base::quoted(reply->body, 200));
  }
  const base::MutexLock lock(mutex_);
  if (result) {
    if (!connected_.exchange(true)) spdlog::info("upstream {} is reached", config_.url);
    last_contact_s_ = base::unix_seconds(clock_.wall());
    last_error_.clear();
  } else if (!stopping_) {
    if (connected_.exchange(false) || last_error_.empty()) {
      spdlog::warn("upstream: {}; serving goes on, spans wait in {}", result.error().message(), config_.directory);
    }
    last_error_ = result.error().message();
  }
  return result;
}

void UpstreamLink::Impl::watch_loop() {
  std::chrono::milliseconds retry = config_.retry_min;
  for (;;) {
    if (Status watched = watch_once(); watched) {
      retry = config_.retry_min;
      if (!pause(std::chrono::milliseconds(0))) return;
    } else {
      if (!pause(retry)) return;
      retry = std::min(2 * retry, config_.retry_max);
    }
  }
}

Status UpstreamLink::Impl::watch_once() {
  const base::TickTime now = base::system_clock().tick();
  if (!known_ || now - synced_ >= config_.sync_every) {
    if (Status synced = sync(); !synced) return synced;
  }
  std::string path = "blocks/watch?limit=1";
  if (known_) path += "&after=" + std::to_string(policy_.blocks.version());
  base::Result<net::HttpReply> reply = call(watch_client_, "GET", path, {}, config_.watch_timeout);
  // Nothing happened for as long as we listen.
  if (!reply && reply.error().code() == ErrorCode::kTimeout) return base::ok();
  if (Status done = exchanged(reply, "watching blocks"); !done) return done;
  for (const Event& event : parse_events(reply->body)) {
    if (Status taken = take_event(event.type, event.data); !taken) {
      known_ = false;  // ask for everything
      return exchanged(std::move(taken).error(), "watching blocks");
    }
  }
  return base::ok();
}

Status UpstreamLink::Impl::take_event(std::string_view type, std::string_view data) {
  base::Result<WatchMessage> message = parse_watch(data);
  if (!message) return std::move(message).error();
  for (const Block& block : message->blocks) {
    if (block.lifted_s != 0) {
      policy_.auto_blocker.forget(block.kind, block.value);
    } else {
      policy_.auto_blocker.seed(block);
    }
  }
  if (type == "snapshot") {
    if (Status put = policy_.blocks.replace(message->blocks, message->version); !put) return put;
  } else {
    for (const Block& block : message->blocks) {
      if (Status put = policy_.blocks.apply(block); !put) return put;
    }
    policy_.blocks.reach(message->version);
  }
  known_ = true;
  if (message->settings || type == "settings") {
    if (Status synced = sync(); !synced) return synced;
  }
  save();
  return base::ok();
}

Status UpstreamLink::Impl::sync() {
  base::Result<net::HttpReply> reply = call(watch_client_, "GET", "gateway/sync", {}, kCallTimeout);
  if (Status done = exchanged(reply, "asking for settings"); !done) return done;
  base::Result<SyncMessage> message = parse_sync(reply->body);
  if (!message) return exchanged(std::move(message).error(), "asking for settings");
  synced_ = base::system_clock().tick();
  const bool changed = sync_json_ != reply->body;
  sync_json_ = std::move(reply->body);
  policy_.virtual_keys.replace(std::move(message->virtual_keys));
  policy_.auto_blocker.set_exempt(message->exemptions);
  if (*policy_.settings.now() != message->settings) policy_.set_settings(std::move(message->settings));
  if (changed) save();
  sync_provider_keys();
  sync_catalogues();
  return base::ok();
}

void UpstreamLink::Impl::save() {
  const SavedPolicy saved{.version = policy_.blocks.version(), .blocks = policy_.blocks.snapshot(), .sync = sync_json_};
  Status kept = base::replace_file(policy_file(), saved_policy_json(saved, base::unix_seconds(clock_.wall())));
  if (!kept) spdlog::error("blocks are not kept for the next start: {}", kept.error().message());
}

void UpstreamLink::Impl::note(gateway::Decision&& decision) {
  if (decision.gateway.empty()) decision.gateway = config_.gateway_name;
  if (Status kept = decisions_->append(gateway::decision_json(decision)); !kept) {
    if (decisions_lost_++ == 0) spdlog::error("decisions are lost for the audit log: {}", kept.error().message());
    return;
  }
  // A block should be known everywhere at once.
  if (decision.kind != gateway::DecisionKind::kBlockSet) return;
  const base::MutexLock lock(mutex_);
  wake_.notify_all();
}

Status UpstreamLink::Impl::deliver(const signal::SpanBatch& batch) {
  Status kept = spool_->append(batch);
  while (!kept && kept.error().code() == ErrorCode::kQueueFull && drop_oldest()) kept = spool_->append(batch);
  if (kept) {
    spooled_ += batch.spans.size();
  } else {
    refused_ += batch.spans.size();
  }
  return kept;
}

// Makes room; false when there is nothing to drop but what is being sent.
bool UpstreamLink::Impl::drop_oldest() {
  const base::MutexLock lock(sending_mutex_);
  std::vector<store::SegmentId> closed = spool_->closed();
  std::erase(closed, sending_);
  if (closed.empty()) {
    (void)spool_->rotate();
    closed = spool_->closed();
    std::erase(closed, sending_);
    if (closed.empty()) return false;
  }
  const base::Result<store::SegmentContents> contents = spool_->read(closed.front());
  const size_t spans = contents ? spans_in(*contents) : 0;
  if (Status removed = spool_->remove(closed.front()); !removed) return false;
  dropped_ += spans;
  spdlog::error("the spool is full (--spool-max {} bytes): its oldest {} spans are lost", config_.spool_bytes_max,
                spans);
  return true;
}

void UpstreamLink::Impl::send_loop() {
  std::chrono::milliseconds wait = config_.send_every;
  for (;;) {
    const bool going_on = pause(wait);
    spool_->sync_if_due();
    Status decided = send_decisions();
    if (decided) decided = send_metrics();
    Status sent = send_spans(going_on ? kCallTimeout : kLastAttempt);
    if (!going_on) return;
    wait = decided && sent ? config_.send_every : std::clamp(2 * wait, config_.retry_min, config_.retry_max);
  }
}

Status UpstreamLink::Impl::send_decisions() {
  for (;;) {
    base::Result<std::vector<std::string>> lines = decisions_->next(kDecisionsPerBody, kDecisionBytesPerBody);
    if (!lines) return std::move(lines).error();
    if (lines->empty()) return base::ok();
    std::string body;
    std::vector<Block> blocks;
    size_t told = 0;
    for (const std::string& line : *lines) {
      base::Result<gateway::Decision> decision = gateway::parse_decision(line);
      // Cut off by a crash, or of a version that wrote it differently: the server would refuse all for its sake.
      if (!decision) {
        if (!line.empty()) ++decisions_lost_;
        continue;
      }
      ++told;
      body += line + "\n";
      if (decision->kind == gateway::DecisionKind::kBlockSet && !decision->shadow) blocks.push_back(decision->block);
    }
    base::Result<net::HttpReply> reply = call(send_client_, "POST", "gateway/decisions", body, kCallTimeout);
    Status done = exchanged(reply, "sending decisions");
    if (!done && done.error().code() != ErrorCode::kInvalidArgument) return done;
    if (done) {
      decisions_sent_ += told;
      const uint64_t version = parse_version(reply->body);
      for (const Block& block : blocks) policy_.blocks.settle(block.kind, block.value, version);
    } else {
      decisions_lost_ += told;
      spdlog::error("{} decisions are lost for the audit log: {}", told, done.error().message());
    }
    if (Status emptied = decisions_->sent(*lines); !emptied) return emptied;
  }
}

Status UpstreamLink::Impl::send_spans(std::chrono::milliseconds timeout) {
  if (base::Result<store::SegmentId> rotated = spool_->rotate(); !rotated) return std::move(rotated).error();
  for (const store::SegmentId id : spool_->closed()) {
    {
      const base::MutexLock lock(sending_mutex_);
      sending_ = id;
    }
    Status sent = send_segment(id, timeout);
    {
      const base::MutexLock lock(sending_mutex_);
      sending_ = {};
    }
    if (!sent) return sent;
  }
  return base::ok();
}

// Ok: the segment is gone, since the server has it, or will never take it and it is set aside.
Status UpstreamLink::Impl::send_segment(store::SegmentId id, std::chrono::milliseconds timeout) {
  base::Result<store::SegmentContents> contents = spool_->read(id);
  if (!contents) {
    if (contents.error().code() != ErrorCode::kCorrupt) return base::ok();  // dropped meanwhile
    spdlog::error("spooled spans are damaged and set aside: {}", contents.error().message());
    return spool_->quarantine(id, contents.error().message());
  }
  const size_t spans = spans_in(*contents);
  const bool again = doubtful_.contains(id) || left_.contains(id);
  for (const signal::SpanBatch& batch : contents->spans) {
    base::Result<std::vector<std::string>> bodies = store::encode_span_records(batch);
    Status sent = base::ok();
    if (!bodies) {
      sent = Error(ErrorCode::kInvalidArgument, bodies.error().message());
    } else {
      for (const std::string& body : *bodies) {
        doubtful_.insert(id);
        sent = exchanged(call(send_client_, "POST", "gateway/spans", body, timeout, again), "sending spans");
        if (!sent) break;
      }
    }
    if (sent) continue;
    if (sent.error().code() != ErrorCode::kInvalidArgument) return sent;
    refused_ += spans;
    spdlog::error("spans are refused for good and set aside: {}", sent.error().message());
    return spool_->quarantine(id, sent.error().message());
  }
  sent_ += spans;
  doubtful_.erase(id);
  left_.erase(id);
  return spool_->remove(id);
}

UpstreamStats UpstreamLink::Impl::stats() const {
  UpstreamStats stats;
  stats.connected = connected_;
  stats.last_contact_s = last_contact_s_;
  stats.policy_version = policy_.blocks.version();
  stats.spans_spooled = spooled_;
  stats.spans_sent = sent_;
  stats.spans_dropped = dropped_;
  stats.spans_refused = refused_;
  const store::JournalStats spool = spool_->stats();
  stats.spool_bytes = spool.bytes;
  stats.spool_segments = spool.segments_closed;
  stats.decisions_sent = decisions_sent_;
  stats.decisions_lost = decisions_lost_;
  stats.decisions_waiting = decisions_->waiting_bytes();
  stats.metrics_sent = metrics_sent_;
  stats.metrics_lost = metrics_lost_;
  stats.catalogues = catalogues_now_;
  {
    const base::MutexLock keys_lock(keys_mutex_);
    stats.provider_keys = keys_.size();
  }
  const base::MutexLock lock(mutex_);
  stats.last_error = last_error_;
  return stats;
}

UpstreamLink::UpstreamLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UpstreamLink::~UpstreamLink() { impl_->stop(); }

base::Result<std::unique_ptr<UpstreamLink>> UpstreamLink::open(UpstreamConfig config, gateway::Policy& policy,
                                                               base::Clock clock) {
  auto impl = std::make_unique<Impl>(std::move(config), policy, std::move(clock));
  if (Status opened = impl->open(); !opened) return std::move(opened).error();
  std::unique_ptr<UpstreamLink> link(new UpstreamLink(std::move(impl)));
  link->impl_->start();
  return link;
}

Status UpstreamLink::deliver(const signal::SpanBatch& batch) { return impl_->deliver(batch); }
void UpstreamLink::deliver_metrics(std::string_view lines) { impl_->deliver_metrics(lines); }
std::optional<registry::ProviderKeyText> UpstreamLink::provider_key(std::string_view provider) const {
  return impl_->provider_key(provider);
}
UpstreamStats UpstreamLink::stats() const { return impl_->stats(); }

}  // namespace godseye::control
