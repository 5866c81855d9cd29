#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/gateway/policy.h>
#include <godseye/registry/provider_keys.h>
#include <godseye/signal/span.h>
#include <godseye/store/journal.h>

// `UpstreamLink` ties a gateway that runs alone to its `godseye serve`: blocks, settings and virtual keys come down,
// spans and decisions go up, and with the server gone the gateway goes on with what it knows.
//
// Down. One thread watches `blocks/watch`, asking for the next event each time, so a change is in force here as soon as
// the server has told it. Settings, virtual keys and exemptions are fetched when the watch says that they changed, and
// every `sync_every`. What is in force is kept in `<directory>/policy.json`, so a restart without the server enforces
// it.
// Up. `deliver` puts spans into a journal under `<directory>/spool`: when it returns ok they survive the death of this
// process. A second thread closes a segment every `send_every`, sends its records and deletes it when the server has
// them in its own journal. A segment whose sending may have been cut off, or that an earlier process left, is marked,
// and the server looks the ids up in its store: a span counts once. Decisions are appended to
// `<directory>/decisions.jsonl` and sent the same way; the server knows them by their ids.
// Lines of metrics (images, for the seventh rule) go with an id each: the server drops those that it has taken, as long
// as it runs. They wait in `<directory>/metrics.jsonl`.
// Catalogues of products come down when their version has changed, looked for every `sync_every`. Keys of providers
// come down sealed for a key pair of this process (src/sealed_keys.h), are kept in memory alone, and are asked for anew
// when the server says that something changed: a restart without the server has none. A server that does not hand them
// out (the application key lacks gateway_keys_write, or it is none) takes away those that were there.
// When the spool is full (`spool_bytes_max`) the oldest segment goes, counted and logged; decisions beyond
// `decisions_bytes_max` are refused and counted, their effect here stays.
//
// Threads: every function from any thread; `deliver` writes one record, the rest do not block.
namespace godseye::control {

struct UpstreamConfig {
  std::string url;  // "http://127.0.0.1:8080"
  std::string api_key;
  std::string app_key;
  std::string directory;  // of this gateway alone; made if need be
  std::string gateway_name = "gateway";
  uint64_t spool_bytes_max = 1ull << 30;
  uint64_t decisions_bytes_max = 64ull << 20;
  store::JournalSync sync = store::JournalSync::kInterval;
  std::string tls_ca_file{};
  bool tls_verify = true;
  std::chrono::milliseconds send_every{500};
  std::chrono::milliseconds sync_every{30'000};
  std::chrono::milliseconds watch_timeout{40'000};  // without an event the watch is asked for again
  std::chrono::milliseconds retry_min{250};         // doubling up to the next
  std::chrono::milliseconds retry_max{5'000};
  uint64_t metrics_bytes_max = 4ull << 20;  // lines that wait
  // Of the watch thread. Empty: catalogues are not asked for. An error is logged, and tried again with the next sync.
  std::function<base::Status(std::string_view name, std::string_view lines)> put_catalogue{};
  std::function<void(std::string_view name)> remove_catalogue{};
  std::function<std::vector<std::string>()> catalogue_names{};  // those that are here already
};

struct UpstreamStats {
  bool connected = false;      // the last exchange went well
  std::string last_error;      // of the last one that did not
  int64_t last_contact_s = 0;  // Unix; 0: never
  uint64_t policy_version = 0;
  uint64_t spans_spooled = 0;
  uint64_t spans_sent = 0;     // the server has them
  uint64_t spans_dropped = 0;  // oldest ones, when the spool was full
  uint64_t spans_refused = 0;  // by the server for good (set aside), or by this disk
  uint64_t spool_bytes = 0;
  uint64_t spool_segments = 0;
  uint64_t decisions_sent = 0;
  uint64_t decisions_lost = 0;
  uint64_t decisions_waiting = 0;  // bytes
  uint64_t metrics_sent = 0;       // lines
  uint64_t metrics_lost = 0;       // no room, or refused
  uint64_t catalogues = 0;         // those of the server
  uint64_t provider_keys = 0;      // in memory
};

class UpstreamLink {
 public:
  // Reads what an earlier process left into `policy` and starts. The server need not be there. kIo and kInvalidArgument
  // name the directory, file or URL. `policy` must outlive this.
  static base::Result<std::unique_ptr<UpstreamLink>> open(UpstreamConfig config, gateway::Policy& policy,
                                                          base::Clock clock);
  // Stops with a last attempt to send, at most 2 s.
  ~UpstreamLink();
  UpstreamLink(const UpstreamLink&) = delete;
  UpstreamLink& operator=(const UpstreamLink&) = delete;

  // For GatewayParts::spans. The error is the disk's: kNoSpace and kIo; nothing was kept then.
  base::Status deliver(const signal::SpanBatch& batch);
  // For GatewayParts::metrics: lines of DogStatsD. What does not fit is lost and counted.
  void deliver_metrics(std::string_view lines);
  // The server's key for a provider, while it is valid; nothing when there is none. Does not block.
  std::optional<registry::ProviderKeyText> provider_key(std::string_view provider) const;
  UpstreamStats stats() const;

 private:
  class Impl;
  explicit UpstreamLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::control
