#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/gateway/providers.h>
#include <godseye/net/listen_address.h>
#include <godseye/pipeline/origin.h>
#include <godseye/pipeline/span_intake.h>
#include <godseye/signal/normalize.h>
#include <godseye/store/journal.h>

// What `godseye serve` can be told. One table (settings.cpp) declares each setting once: its name is the flag
// (`--data-dir`), the environment variable (`GODSEYE_DATA_DIR`) and the key of the configuration file (`data-dir:`).
// A flag beats the environment, which beats the file, which beats the default.
namespace godseye::app {

// A provider's key from the environment. Never shown.
struct ProviderSecret {
  std::string variable;  // "OPENAI_API_KEY"
  std::string secret;
};

// One setting as it was resolved, for the system page.
struct SettingInForce {
  std::string name;
  std::string shown;   // passwords and the paths of addresses that may hold tokens are masked
  std::string origin;  // empty: the default
};
// The text of a setting as it can be shown: secrets masked, credentials and paths taken out of addresses.
std::string shown_setting(std::string_view name, std::string_view text);

struct Settings {
  std::vector<SettingInForce> in_force;
  std::string data_dir;
  net::ListenAddress http;
  std::optional<net::ListenAddress> dogstatsd;  // none: off
  std::string dogstatsd_socket;                 // path; empty: off
  std::string dogstatsd_stream_socket;          // likewise
  bool dogstatsd_origin = false;
  pipeline::TagCardinality dogstatsd_cardinality = pipeline::TagCardinality::kLow;
  std::optional<net::ListenAddress> trace_agent;  // none: off
  std::string trace_agent_socket;                 // path; empty: off
  bool trace_agent_tls = false;                   // with the certificate of `http`
  uint64_t trace_agent_body_max = 0;
  bool anonymous_loopback = false;
  std::string tls_cert;
  std::string tls_key;
  std::string public_url;  // empty: from `http`
  uint64_t http_body_max = 0;
  uint64_t rate_limit_address = 0;  // requests a minute; 0: no limit
  uint64_t rate_limit_key = 0;      //
  std::chrono::seconds session_idle{0};
  std::chrono::seconds session_age{0};
  signal::AttributionKeys attribution_tags;
  uint64_t contexts_max = 0;
  store::JournalSync journal_sync = store::JournalSync::kInterval;
  uint64_t journal_bytes_max = 0;
  uint64_t store_pause_ms = 0;
  uint32_t retention_days = 0;
  uint64_t rollup_1m_days = 0;
  uint64_t rollup_5m_days = 0;
  uint64_t rollup_1h_days = 0;
  std::string monitors;
  std::string recording_rules;
  std::string notifications;            // file of channels; empty: none
  bool allow_private_webhooks = false;  // channels may be at private and loopback addresses
  std::string notification_ca;          // empty: the system's certificates
  std::string prices;
  pipeline::TextPolicy store_text;
  uint64_t span_ids_max = 0;
  uint32_t span_past_hours = 0;
  uint32_t span_retention_days = 0;
  std::vector<pipeline::ConversionRule> conversions;
  uint64_t token_abuse = 0;
  std::optional<net::ListenAddress> gateway;  // none: off
  bool gateway_tls = false;                   // with the certificate of `http`
  uint32_t gateway_threads = 0;               // 0: one per core
  std::vector<gateway::ProviderConfig> providers;
  std::map<std::string, ProviderSecret, std::less<>> provider_keys;  // by provider's name
  std::string provider_ca;
  std::string secret_key;        // of the provider keys in the registry; from the environment; empty: a file
  std::string upstream;          // of `godseye gateway`; empty: none
  std::string upstream_api_key;  // from the environment
  std::string upstream_app_key;
  std::string gateway_name;  // empty: the machine's
  uint64_t spool_bytes_max = 0;
  std::string engine;
  std::string store_program;
  std::string image_decoder;  // empty: beside this program; "off"
  uint64_t engine_memory_bytes = 0;
  uint64_t recent_memory_bytes = 0;  // 0: monitors ask the store
  std::string clickhouse_url;
  std::string clickhouse_user;
  std::string clickhouse_password;
  std::string backup_dir;
  std::string alarm_url;      // empty: none
  std::string heartbeat_url;  // empty: none
  std::string log_level;
  std::string notify_socket;    // NOTIFY_SOCKET of a service manager; empty: none
  std::string notify_watchdog;  // WATCHDOG_USEC
};

struct SettingDeclaration {
  std::string_view name;           // "data-dir"
  std::string_view default_value;  // as text, parsed like any other
  std::string_view value_name;     // for --help; empty: a switch (true or false)
  std::string_view help;
  base::Status (*parse)(std::string_view text, Settings& into);
  bool list = false;  // may be given several times; joined by commas

  std::string description() const;  // the help and the default
  std::string flag() const;         // "--data-dir"
  std::string environment() const;  // "GODSEYE_DATA_DIR"
};

std::span<const SettingDeclaration> setting_declarations();

// Values by setting name, and where each was said, for the error message.
struct GivenValue {
  std::string text;
  std::string origin;  // "--http", "GODSEYE_HTTP", "godseye.yaml: http"
};
using GivenValues = std::map<std::string, GivenValue, std::less<>>;

// Looks up an environment variable; a function so that tests need not change the process.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// The process's environment. The only getenv outside tests.
Environment process_environment();

GivenValues read_environment(const Environment& environment);
// The keys of `settings.providers`: OPENAI_API_KEY, GOOGLE_API_KEY before GEMINI_API_KEY, ANTHROPIC_API_KEY; of another
// provider NAME_API_KEY.
void read_provider_keys(const Environment& environment, Settings& settings);
// What no flag takes: the secrets GODSEYE_SECRET_KEY, DD_API_KEY, DD_APP_KEY, and a service manager's NOTIFY_SOCKET and
// WATCHDOG_USEC.
void read_secrets(const Environment& environment, Settings& settings);
// A YAML map of setting names to scalars, or to a list for settings that take one. An unknown key is an error that
// names it, the line and the nearest known one.
base::Result<GivenValues> read_config_file(const std::string& path);
base::Result<GivenValues> parse_config(std::string_view yaml, const std::string& path);

// The whole file. kIo names it, kTooLarge too.
base::Result<std::string> read_file(const std::string& path, size_t bytes_max);

// Later layers win: pass file, environment, flags. An error names the origin, the value and what was expected.
base::Result<Settings> resolve_settings(std::initializer_list<const GivenValues*> layers);

// The most similar known name within two edits; empty when none is near.
std::string nearest_setting(std::string_view name);

}  // namespace godseye::app
