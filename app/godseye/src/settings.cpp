#include "settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace godseye::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;

Error expected(std::string text) { return {ErrorCode::kInvalidArgument, "expected " + std::move(text)}; }

Status parse_bool(std::string_view text, bool& into) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") {
    into = true;
  } else if (text == "false" || text == "0" || text == "no" || text == "off") {
    into = false;
  } else {
    return expected("true or false");
  }
  return base::ok();
}

Status parse_number(std::string_view text, uint64_t least, uint64_t most, uint64_t& into) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return expected("a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  into = value;
  return base::ok();
}

// "1000", "64KiB", "2MiB", "10GiB"; also K, M and G.
Status parse_bytes(std::string_view text, uint64_t least, uint64_t& into) {
  static constexpr std::pair<std::string_view, int> kUnits[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40},
                                                                {"K", 10},   {"M", 20},   {"G", 30},   {"T", 40}};
  int shift = 0;
  std::string_view digits = text;
  for (const auto& [unit, bits] : kUnits) {
    if (shift == 0 && text.ends_with(unit)) {
      shift = bits;
      digits.remove_suffix(unit.size());
    }
  }
  uint64_t value = 0;
  if (!parse_number(digits, 0, UINT64_MAX >> shift, value) || (value << shift) < least) {
    return expected("a size of at least " + std::to_string(least) + " bytes, such as 512MiB or 2GiB");
  }
  into = value << shift;
  return base::ok();
}

Status parse_address(std::string_view text, net::ListenAddress& into) {
  base::Result<net::ListenAddress> address = net::parse_listen_address(text);
  if (!address) return std::move(address).error();
  into = *std::move(address);
  return base::ok();
}

Status parse_choice(std::string_view text, std::initializer_list<std::string_view> choices, std::string& into) {
  std::string all;
  for (const std::string_view choice : choices) {
    if (text == choice) {
      into = text;
      return base::ok();
    }
    all += (all.empty() ? "" : ", ") + std::string(choice);
  }
  return expected("one of " + all);
}

template <std::string Settings::* member>
Status take_socket_path(std::string_view text, Settings& into) {
  if (text.size() > net::kUnixPathBytesMax) {
    return expected("a path of at most " + std::to_string(net::kUnixPathBytesMax) + " bytes");
  }
  into.*member = text;
  return base::ok();
}

template <std::string Settings::* member>
Status take_text(std::string_view text, Settings& into) {
  into.*member = text;
  return base::ok();
}

Status take_attribution_tags(std::string_view text, Settings& into) {
  base::Result<signal::AttributionKeys> keys = signal::AttributionKeys::parse(text);
  if (!keys) return std::move(keys).error();
  into.attribution_tags = *keys;
  return base::ok();
}

Status take_journal_sync(std::string_view text, Settings& into) {
  base::Result<store::JournalSync> sync = store::parse_journal_sync(text);
  if (!sync) return std::move(sync).error();
  into.journal_sync = *sync;
  return base::ok();
}

Status take_dogstatsd(std::string_view text, Settings& into) {
  into.dogstatsd.reset();
  if (text == "off") return base::ok();
  net::ListenAddress address;
  if (Status parsed = parse_address(text, address); !parsed) return parsed;
  if (address.family == net::ListenAddress::Family::kUnix) return expected("HOST:PORT, [IPV6]:PORT or off");
  into.dogstatsd = address;
  return base::ok();
}

Status take_trace_agent(std::string_view text, Settings& into) {
  into.trace_agent.reset();
  if (text == "off") return base::ok();
  net::ListenAddress address;
  if (Status parsed = parse_address(text, address); !parsed) return parsed;
  if (address.family == net::ListenAddress::Family::kUnix) {
    return expected("HOST:PORT, [IPV6]:PORT or off; a Unix socket is trace-agent-socket");
  }
  into.trace_agent = address;
  return base::ok();
}

Status take_gateway(std::string_view text, Settings& into) {
  into.gateway.reset();
  if (text == "off") return base::ok();
  net::ListenAddress address;
  if (Status parsed = parse_address(text, address); !parsed) return parsed;
  into.gateway = address;
  return base::ok();
}

// "openai=http://…,gemini=http://…"
Status take_providers(std::string_view text, Settings& into) {
  into.providers.clear();
  while (!text.empty()) {
    const size_t comma = text.find(',');
    base::Result<gateway::ProviderConfig> provider = gateway::parse_provider(text.substr(0, comma));
    if (!provider) return std::move(provider).error();
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const bool twice = std::any_of(into.providers.begin(), into.providers.end(),
                                   [&](const auto& known) { return known.name == provider->name; });
    if (twice) return expected("each provider once: " + provider->name + " is there twice");
    if (into.providers.size() == gateway::kProvidersMax) {
      return expected("at most " + std::to_string(gateway::kProvidersMax) + " providers");
    }
    into.providers.push_back(*std::move(provider));
  }
  return base::ok();
}

template <std::string Settings::* Member>
Status take_url(std::string_view text, Settings& into) {
  if (!text.empty() && !text.starts_with("http://") && !text.starts_with("https://")) {
    return expected("a URL that begins with http:// or https://");
  }
  into.*Member = text;
  return base::ok();
}

Status take_public_url(std::string_view text, Settings& into) {
  if (Status taken = take_url<&Settings::public_url>(text, into); !taken) return taken;
  while (into.public_url.ends_with('/')) into.public_url.pop_back();
  return base::ok();
}

constexpr uint64_t kJournalBytesLeast = 64ULL << 20;  // one segment
constexpr uint64_t kTraceBodyBytesLeast = 1ULL << 20;
constexpr uint64_t kEngineBytesLeast = 256ULL << 20;
constexpr uint64_t kHttpBodyBytesLeast = 1ULL << 20;
constexpr uint64_t kRateMost = 1'000'000'000;

Status parse_hours(std::string_view text, std::chrono::seconds& into) {
  uint64_t hours = 0;
  Status parsed = parse_number(text, 1, 8760, hours);
  into = std::chrono::hours(hours);
  return parsed;
}

constexpr SettingDeclaration kDeclarations[] = {
    {"data-dir", "data", "DIR", "where everything is kept; made when absent",
     [](std::string_view text, Settings& into) {
       if (text.empty()) return Status(expected("a directory"));
       into.data_dir = text;
       return base::ok();
     }},
    {"http", "127.0.0.1:8080", "HOST:PORT", "API and pages; also unix:/PATH; port 0 takes a free one",
     [](std::string_view text, Settings& into) { return parse_address(text, into.http); }},
    {"dogstatsd", "127.0.0.1:8125", "HOST:PORT", "DogStatsD over UDP; off: none", take_dogstatsd},
    {"dogstatsd-socket", "", "PATH", "DogStatsD over a Unix datagram socket made here; empty: none",
     take_socket_path<&Settings::dogstatsd_socket>},
    {"dogstatsd-stream-socket", "", "PATH", "DogStatsD over a Unix stream socket made here; empty: none",
     take_socket_path<&Settings::dogstatsd_stream_socket>},
    {"dogstatsd-origin", "false", "", "tags of the sender's container and pod, from its fields and its Unix socket",
     [](std::string_view text, Settings& into) { return parse_bool(text, into.dogstatsd_origin); }},
    {"dogstatsd-tag-cardinality", "low", "LEVEL", "which of those tags: none, low, orchestrator or high",
     [](std::string_view text, Settings& into) -> Status {
       const auto level = pipeline::tag_cardinality(text);
       if (!level) return Error{ErrorCode::kInvalidArgument, "expected none, low, orchestrator or high"};
       into.dogstatsd_cardinality = *level;
       return base::ok();
     }},
    {"trace-agent", "127.0.0.1:8126", "HOST:PORT", "traces and LLM spans of Datadog's client libraries; off: none",
     take_trace_agent},
    {"trace-agent-socket", "", "PATH", "the same over a Unix socket made here; empty: none",
     take_socket_path<&Settings::trace_agent_socket>},
    {"trace-agent-tls", "false", "", "trace-agent speaks TLS with the certificate of http",
     [](std::string_view text, Settings& into) { return parse_bool(text, into.trace_agent_tls); }},
    {"trace-agent-body-max", "25MiB", "BYTES", "largest trace payload, before and after decompression; larger get 413",
     [](std::string_view text, Settings& into) {
       return parse_bytes(text, kTraceBodyBytesLeast, into.trace_agent_body_max);
     }},
    {"anonymous-loopback", "false", "", "callers on loopback need no keys",
     [](std::string_view text, Settings& into) { return parse_bool(text, into.anonymous_loopback); }},
    {"tls-cert", "", "FILE", "PEM certificate chain: http then speaks TLS", take_text<&Settings::tls_cert>},
    {"tls-key", "", "FILE", "PEM key of the certificate", take_text<&Settings::tls_key>},
    {"http-body-max", "16MiB", "BYTES", "largest body that http takes, before and after decompression; larger get 413",
     [](std::string_view text, Settings& into) { return parse_bytes(text, kHttpBodyBytesLeast, into.http_body_max); }},
    {"rate-limit-address", "120000", "N", "requests a minute of http from one address; more get 429; 0: no limit",
     [](std::string_view text, Settings& into) { return parse_number(text, 0, kRateMost, into.rate_limit_address); }},
    {"rate-limit-key", "120000", "N", "requests a minute of http by one key or person; more get 429; 0: no limit",
     [](std::string_view text, Settings& into) { return parse_number(text, 0, kRateMost, into.rate_limit_key); }},
    {"session-idle-hours", "12", "N", "a browser that was not used for so long is signed out",
     [](std::string_view text, Settings& into) { return parse_hours(text, into.session_idle); }},
    {"session-hours", "168", "N", "a browser is signed out after so long anyway",
     [](std::string_view text, Settings& into) { return parse_hours(text, into.session_age); }},
    {"public-url", "", "URL", "how people reach the pages, for links in messages; empty: from http", take_public_url},
    {"attribution-tags", "session_id,user_id,trace_id,prompt_id", "LIST",
     "tags that say who a point belongs to, kept beside its series", take_attribution_tags},
    {"contexts-max", "1000000", "N", "distinct metric contexts in ten seconds; more are refused and counted",
     [](std::string_view text, Settings& into) { return parse_number(text, 1, 100'000'000, into.contexts_max); }},
    {"journal-sync", "interval", "none|interval|always", "what power loss may cost: ~30 s, 1 s, nothing",
     take_journal_sync},
    {"journal-bytes-max", "1GiB", "BYTES", "intake is refused when this much waits for the store",
     [](std::string_view text, Settings& into) {
       return parse_bytes(text, kJournalBytesLeast, into.journal_bytes_max);
     }},
    {"store-pause-ms", "1000", "N",
     "what came in is stored between the ten-second cuts too, but not sooner after the last time; 0: only at cuts",
     [](std::string_view text, Settings& into) { return parse_number(text, 0, 10'000, into.store_pause_ms); }},
    {"retention-days", "15", "N", "metrics older than this are deleted",
     [](std::string_view text, Settings& into) {
       uint64_t days = 0;
       Status parsed = parse_number(text, 1, 3650, days);
       into.retention_days = static_cast<uint32_t>(days);
       return parsed;
     }},
    {"rollup-1m-days", "32", "N", "points rolled up to a minute older than this are deleted (at least retention-days)",
     [](std::string_view text, Settings& into) { return parse_number(text, 1, 3650, into.rollup_1m_days); }},
    {"rollup-5m-days", "93", "N", "likewise, rolled up to five minutes",
     [](std::string_view text, Settings& into) { return parse_number(text, 1, 3650, into.rollup_5m_days); }},
    {"rollup-1h-days", "457", "N", "likewise, rolled up to an hour: what charts of months show",
     [](std::string_view text, Settings& into) { return parse_number(text, 1, 3650, into.rollup_1h_days); }},
    {"prices", "", "FILE", "prices of language models, laid over the shipped list (docs/formats/prices.md)",
     take_text<&Settings::prices>},
    {"store-text", "masked", "MODE", "prompts and answers: masked, raw or none; per application: masked,shop=raw",
     [](std::string_view text, Settings& into) {
       base::Result<pipeline::TextPolicy> policy = pipeline::TextPolicy::parse(text);
       if (!policy) return Status(std::move(policy).error());
       into.store_text = *std::move(policy);
       return base::ok();
     }},
    {"span-ids-max", "1000000", "N", "ids of spans remembered, to drop second arrivals",
     [](std::string_view text, Settings& into) { return parse_number(text, 1000, 100'000'000, into.span_ids_max); }},
    {"span-past-hours", "24", "N", "spans that ended longer ago are moved to now and flagged",
     [](std::string_view text, Settings& into) {
       uint64_t hours = 0;
       Status parsed = parse_number(text, 1, 8760, hours);
       into.span_past_hours = static_cast<uint32_t>(hours);
       return parsed;
     }},
    {"span-retention-days", "0", "N", "spans and their texts older than this are deleted; 0: as retention-days",
     [](std::string_view text, Settings& into) {
       uint64_t days = 0;
       Status parsed = parse_number(text, 0, 3650, days);
       into.span_retention_days = static_cast<uint32_t>(days);
       return parsed;
     }},
    {"conversions", "", "RULES",
     "spans that count as a conversion: kind=[service@]resource, …; empty: carts and checkouts",
     [](std::string_view text, Settings& into) {
       into.conversions = pipeline::SpanIntakeConfig::default_conversion_rules();
       if (text.empty()) return base::ok();
       auto rules = pipeline::SpanIntakeConfig::parse_conversion_rules(text);
       if (!rules) return Status(std::move(rules).error());
       into.conversions = *std::move(rules);
       return base::ok();
     }},
    {"token-abuse", "500000", "N", "tokens of one session in ten minutes that count as abuse; 0: never",
     [](std::string_view text, Settings& into) { return parse_number(text, 0, 1'000'000'000'000, into.token_abuse); }},
    {"monitors", "", "FILES", "monitors in Datadog's JSON, files joined by commas; each monitor is imported once",
     take_text<&Settings::monitors>},
    {"recording-rules", "", "FILE", "metrics to compute from others at an interval; empty: none",
     take_text<&Settings::recording_rules>},
    {"notifications", "", "FILE", "notification channels in JSON; each is imported once",
     take_text<&Settings::notifications>},
    {"allow-private-webhooks", "false", "",
     "notification channels may be at private, loopback and link-local addresses",
     [](std::string_view text, Settings& into) { return parse_bool(text, into.allow_private_webhooks); }},
    {"notification-ca", "", "FILE",
     "PEM certificates that notification channels are checked against; empty: the system's",
     take_text<&Settings::notification_ca>},
    {"gateway", "off", "HOST:PORT", "language model calls, guarded and forwarded to the providers; off: none",
     take_gateway},
    {"provider", "", "NAME=URL",
     "where the gateway sends calls: openai, gemini, anthropic, ollama, or any other name that speaks as openai; may "
     "be "
     "given several times",
     take_providers, true},
    {"gateway-tls", "false", "", "the gateway speaks TLS with the certificate of http",
     [](std::string_view text, Settings& into) { return parse_bool(text, into.gateway_tls); }},
    {"gateway-threads", "0", "N", "threads that carry the gateway's calls; 0: one per core, at most 8",
     [](std::string_view text, Settings& into) {
       uint64_t threads = 0;
       Status parsed = parse_number(text, 0, 64, threads);
       into.gateway_threads = static_cast<uint32_t>(threads);
       return parsed;
     }},
    {"upstream", "", "URL",
     "of godseye gateway: the server that blocks, settings and virtual keys come from and spans go to (DD_API_KEY, "
     "DD_APP_KEY); empty: none",
     take_url<&Settings::upstream>},
    {"gateway-name", "", "NAME", "of godseye gateway: how the audit log names it; empty: the machine's name",
     take_text<&Settings::gateway_name>},
    {"spool-max", "1GiB", "BYTES",
     "of godseye gateway: spans that wait for the upstream server; beyond it the oldest are dropped and counted",
     [](std::string_view text, Settings& into) { return parse_bytes(text, kJournalBytesLeast, into.spool_bytes_max); }},
    {"provider-ca", "", "FILE", "PEM certificates that providers are checked against; empty: the system's",
     take_text<&Settings::provider_ca>},
    {"engine", "", "FILE", "libchdb.so; empty: beside the program, then ~/.cache/godseye",
     take_text<&Settings::engine>},
    {"store-program", "", "FILE", "godseye-store; empty: beside this program", take_text<&Settings::store_program>},
    {"image-decoder", "", "FILE", "godseye-image-decoder; empty: beside this program; off: structure only",
     take_text<&Settings::image_decoder>},
    {"engine-memory", "600MiB", "BYTES", "what the store's engine may use",
     [](std::string_view text, Settings& into) {
       return parse_bytes(text, kEngineBytesLeast, into.engine_memory_bytes);
     }},
    {"recent-memory", "192MiB", "BYTES", "newest points of what monitors ask for, kept in memory; 0: none",
     [](std::string_view text, Settings& into) { return parse_bytes(text, 0, into.recent_memory_bytes); }},
    {"clickhouse-url", "", "URL", "a ClickHouse server instead of the embedded engine",
     take_text<&Settings::clickhouse_url>},
    {"clickhouse-user", "", "NAME", "its user", take_text<&Settings::clickhouse_user>},
    {"clickhouse-password", "", "TEXT", "its password; the environment or the file keeps it out of ps",
     take_text<&Settings::clickhouse_password>},
    {"backup-dir", "", "DIR", "where godseye backup writes; empty: backups in data-dir",
     take_text<&Settings::backup_dir>},
    {"alarm-url", "", "URL", "gets our own alarms (evaluator late, disk filling, intake dropping) by POST; empty: none",
     take_url<&Settings::alarm_url>},
    {"heartbeat-url", "", "URL", "called once a minute while no such alarm stands; empty: none",
     take_url<&Settings::heartbeat_url>},
    {"log-level", "info", "LEVEL", "trace, debug, info, warn, error or off",
     [](std::string_view text, Settings& into) {
       return parse_choice(text, {"trace", "debug", "info", "warn", "error", "off"}, into.log_level);
     }},
};

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string SettingDeclaration::description() const {
  const bool shown = !default_value.empty() && !value_name.empty();
  return std::string(help) + (shown ? " (default " + std::string(default_value) + ")" : "");
}

std::string SettingDeclaration::flag() const { return "--" + std::string(name); }

std::string SettingDeclaration::environment() const {
  std::string out = "GODSEYE_";
  for (const char c : name) out += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return out;
}

std::span<const SettingDeclaration> setting_declarations() { return kDeclarations; }

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

GivenValues read_environment(const Environment& environment) {
  GivenValues values;
  for (const SettingDeclaration& setting : kDeclarations) {
    const std::string name = setting.environment();
    if (auto value = environment(name)) values[std::string(setting.name)] = {*std::move(value), name};
  }
  return values;
}

void read_provider_keys(const Environment& environment, Settings& settings) {
  for (const gateway::ProviderConfig& provider : settings.providers) {
    std::vector<std::string> names;
    if (provider.name == "gemini" || provider.name == "google") {
      names = {"GOOGLE_API_KEY", "GEMINI_API_KEY"};
    } else {
      std::string name;
      for (const char c : provider.name) {
        const bool lower = c >= 'a' && c <= 'z';
        name += lower ? static_cast<char>(c - 'a' + 'A') : c >= '0' && c <= '9' ? c : '_';
      }
      names = {name + "_API_KEY"};
    }
    for (const std::string& name : names) {
      std::optional<std::string> secret = environment(name);
      if (!secret || secret->empty()) continue;
      settings.provider_keys[provider.name] = {.variable = name, .secret = *std::move(secret)};
      break;
    }
  }
}

void read_secrets(const Environment& environment, Settings& settings) {
  settings.notify_socket = environment("NOTIFY_SOCKET").value_or("");
  settings.notify_watchdog = environment("WATCHDOG_USEC").value_or("");
  settings.secret_key = environment("GODSEYE_SECRET_KEY").value_or("");
  settings.upstream_api_key = environment("DD_API_KEY").value_or("");
  settings.upstream_app_key = environment("DD_APP_KEY").value_or("");
}

std::string shown_setting(std::string_view name, std::string_view text) {
  constexpr std::string_view kMask = "••••";
  if (text.empty()) return {};
  for (const std::string_view secret : {"password", "secret", "token"}) {
    // A number is a limit ("token-abuse"), not a secret.
    const bool number = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (name.find(secret) != std::string_view::npos && !number) return std::string(kMask);
  }
  // Addresses: the user and password before the host, and of those that are called the path, which may be a token.
  const bool called = name.ends_with("-url") && name != "public-url" && name != "clickhouse-url";
  std::string out;
  for (size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://")) {
    out += text.substr(0, at + 3);
    text.remove_prefix(at + 3);
    std::string_view authority = text.substr(0, text.find_first_of("/?#, "));
    text.remove_prefix(authority.size());
    if (const size_t user = authority.rfind('@'); user != std::string_view::npos) {
      out += std::string(kMask) + "@";
      authority.remove_prefix(user + 1);
    }
    out += authority;
    if (!called) continue;
    const std::string_view path = text.substr(0, text.find(','));
    text.remove_prefix(path.size());
    if (path.size() > 1) out += "/" + std::string(kMask);
  }
  return out.append(text);
}

base::Result<Settings> resolve_settings(std::initializer_list<const GivenValues*> layers) {
  Settings settings;
  for (const SettingDeclaration& setting : kDeclarations) {
    GivenValue given{std::string(setting.default_value), "default of " + std::string(setting.name)};
    for (const GivenValues* layer : layers) {
      const auto found = layer->find(setting.name);
      if (found != layer->end()) given = found->second;
    }
    if (Status parsed = setting.parse(given.text, settings); !parsed) {
      // Some messages quote the value themselves.
      const std::string& message = parsed.error().message();
      const std::string bad = message.starts_with("expected") ? "bad value \"" + given.text + "\": " : "";
      return Error{parsed.error().code(), given.origin + ": " + bad + message};
    }
    const bool is_default = given.origin.starts_with("default of ");
    settings.in_force.push_back({.name = std::string(setting.name),
                                 .shown = shown_setting(setting.name, given.text),
                                 .origin = is_default ? "" : given.origin});
  }
  if (settings.backup_dir.empty()) settings.backup_dir = settings.data_dir + "/backups";
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    return Error{ErrorCode::kInvalidArgument, "tls-cert and tls-key belong together: one of them is missing"};
  }
  if (settings.trace_agent_tls && settings.tls_cert.empty()) {
    return Error{ErrorCode::kInvalidArgument, "trace-agent-tls needs tls-cert and tls-key"};
  }
  if (settings.gateway_tls && settings.tls_cert.empty()) {
    return Error{ErrorCode::kInvalidArgument, "gateway-tls needs tls-cert and tls-key"};
  }
  if (settings.gateway && settings.providers.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "gateway needs a provider, for example --provider openai=https://api.openai.com"};
  }
  return settings;
}

std::string nearest_setting(std::string_view name) {
  std::string best;
  size_t best_distance = 3;
  for (const SettingDeclaration& setting : kDeclarations) {
    const size_t distance = edit_distance(name, setting.name);
    if (distance < best_distance) {
      best_distance = distance;
      best = setting.name;
    }
  }
  return best;
}

}  // namespace godseye::app
