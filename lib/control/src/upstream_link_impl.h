#pragma once

#include "decision_spool.h"
#include "link_messages.h"
#include "sealed_keys.h"

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <godseye/base/mutex.h>
#include <godseye/control/upstream_link.h>
#include <godseye/net/http_client.h>

namespace godseye::control {

using base::Error;
using base::ErrorCode;
using base::Status;
using gateway::Block;

inline constexpr std::chrono::milliseconds kCallTimeout{20'000};

class UpstreamLink::Impl {
 public:
  Impl(UpstreamConfig config, gateway::Policy& policy, base::Clock clock)
      : config_(std::move(config)),
        policy_(policy),
        clock_(std::move(clock)),
        watch_client_(client_config()),
        send_client_(client_config()) {}

  Status open();
  void start();
  void stop();
  Status deliver(const signal::SpanBatch& batch);
  void deliver_metrics(std::string_view lines);
  std::optional<registry::ProviderKeyText> provider_key(std::string_view provider) const GE_EXCLUDES(keys_mutex_);
  UpstreamStats stats() const GE_EXCLUDES(mutex_);

 private:
  net::HttpClientConfig client_config() const {
    return {.idle_per_origin_max = 2, .tls_ca_file = config_.tls_ca_file, .tls_verify = config_.tls_verify};
  }
  std::string policy_file() const { return config_.directory + "/policy.json"; }

  base::Result<net::HttpReply> call(net::HttpClient& client, std::string method, std::string path,
                                    std::string_view body, std::chrono::milliseconds timeout, bool again = false);
  Status exchanged(const base::Result<net::HttpReply>& reply, std::string_view what) GE_EXCLUDES(mutex_);
  // False: stopping.
  bool pause(std::chrono::milliseconds time) GE_EXCLUDES(mutex_);

  Status load_saved();
  void hold_unsent();
  void watch_loop();
  Status watch_once();
  Status take_event(std::string_view type, std::string_view data);
  Status sync();
  // upstream_more.cpp: neither is worth stopping the watch for.
  void sync_catalogues();
  Status take_catalogue(const CatalogueVersion& wanted);
  void sync_provider_keys() GE_EXCLUDES(keys_mutex_);
  // Logs `failure` when it is not the one of last time; "" is none.
  void say_once(std::string& last, std::string_view what, const std::string& failure) const;
  void save();

  void note(gateway::Decision&& decision);
  void send_loop();
  Status send_decisions();
  Status send_metrics();
  Status send_spans(std::chrono::milliseconds timeout);
  Status send_segment(store::SegmentId id, std::chrono::milliseconds timeout);
  bool drop_oldest();

  const UpstreamConfig config_;
  gateway::Policy& policy_;
  const base::Clock clock_;
  net::HttpClient watch_client_, send_client_;
  std::unique_ptr<store::Journal> spool_;
  std::unique_ptr<DecisionSpool> decisions_, metrics_;

  // The watch thread's.
  bool known_ = false;  // the version is that of this server
  std::string sync_json_;
  base::TickTime synced_{};
  std::vector<CatalogueVersion> catalogues_;  // that were taken
  std::string catalogue_failure_, key_failure_;
  const SealingPair pair_;

  // The sender's: segments whose sending may have been cut off.
  std::set<store::SegmentId> doubtful_;
  std::set<store::SegmentId> left_;  // by an earlier process

  mutable base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::string last_error_ GE_GUARDED_BY(mutex_);
  std::atomic<bool> connected_{false};
  std::atomic<int64_t> last_contact_s_{0};
  std::atomic<uint64_t> spooled_{0}, sent_{0}, dropped_{0}, refused_{0}, decisions_sent_{0}, decisions_lost_{0};
  std::atomic<uint64_t> metrics_sent_{0}, metrics_lost_{0}, catalogues_now_{0};
  mutable base::Mutex keys_mutex_;
  std::map<std::string, registry::ProviderKeyText, std::less<>> keys_ GE_GUARDED_BY(keys_mutex_);
  base::Mutex sending_mutex_;
  store::SegmentId sending_ GE_GUARDED_BY(sending_mutex_);
  std::thread watcher_, sender_;
};

}  // namespace godseye::control
