#include "backup.h"

#include "span_path.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include <godseye/base/file.h>
#include <godseye/base/log.h>
#include <godseye/net/http_client.h>
#include <godseye/pipeline/derive.h>
#include <godseye/pipeline/event_intake.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Status;

constexpr const char* kManifest = "/manifest.json";
constexpr const char* kRegistry = "/registry.sqlite";
constexpr size_t kManifestBytesMax = 65'536;
constexpr std::chrono::hours kTimeout{1};
constexpr uint32_t kRetentionDaysMax = 3650;  // the next `serve` applies its own

Status failed(const std::error_code& failure, const std::string& what) {
  return failure ? Status(base::errno_error(what, failure.value())) : base::ok();
}

std::string time_name(base::WallTime now) {
  const std::time_t seconds = base::unix_seconds(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return text;
}

// What is copied as it is: neither the registry (copied by itself) nor the store, locks and sockets.
bool plain_entry(const fs::directory_entry& entry, const fs::path& backups) {
  const std::string name = entry.path().filename().string();
  std::error_code ignored;
  if (name == "store" || name == "server.lock" || name.starts_with("registry.sqlite")) return false;
  if (fs::equivalent(entry.path(), backups, ignored)) return false;
  return entry.is_regular_file(ignored) || entry.is_directory(ignored);
}

Status copy_files(const std::string& from, const std::string& to, const fs::path& backups) {
  std::error_code failure;
  fs::create_directories(to, failure);
  if (failure) return failed(failure, to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from, failure)) {
    if (!plain_entry(entry, backups)) continue;
    std::error_code copying;
    fs::copy(entry.path(), fs::path(to) / entry.path().filename(), fs::copy_options::recursive, copying);
    if (copying) return failed(copying, entry.path().string());
  }
  return failed(failure, from);
}

uint64_t bytes_of(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code failure;
  for (auto at = fs::recursive_directory_iterator(directory, failure);
       !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) bytes += at->file_size(ignored);
  }
  return bytes;
}

Status check_manifest(const std::string& from) {
  const base::Result<std::string> text = read_file(from + kManifest, kManifestBytesMax);
  if (!text) return Error(text.error().code(), from + " is no complete backup: " + text.error().message());
  boost::system::error_code code;
  const json::value value = json::parse(*text, code);
  const json::value* format = !code && value.is_object() ? value.as_object().if_contains("format") : nullptr;
  if (format == nullptr || !format->is_int64()) return Error(ErrorCode::kCorrupt, from + kManifest + " is damaged");
  if (format->as_int64() != 1) {
    return Error(ErrorCode::kInvalidArgument, from + " was made by a newer godseye: restore it with that one");
  }
  return base::ok();
}

Status fill_backup(const Settings& settings, const base::Clock& clock, const registry::Registry& registry,
                   store::Store& store, const std::string& into) {
  if (Status copied = registry.copy_to(into + kRegistry); !copied) return copied;
  if (Status stored = store.backup(into + "/store", kTimeout); !stored) return stored;
  if (Status copied = copy_files(settings.data_dir, into + "/files", settings.backup_dir); !copied) return copied;
  return base::replace_file(into + kManifest,
                            json::serialize(json::object{{"format", 1},
                                                         {"godseye", GE_VERSION},
                                                         {"registry_schema", registry::Registry::schema_version()},
                                                         {"made_s", base::unix_seconds(clock.wall())}}) +
                                "\n");
}

Status fill_data_dir(const Settings& settings, const std::string& from, const std::string& into,
                     const base::Clock& clock, std::ostream& out) {
  std::error_code failure;
  fs::create_directories(into, failure);
  if (failure) return failed(failure, into);
  out << "restoring " << from << ": files" << std::endl;
  fs::copy(from + "/files", into, fs::copy_options::recursive, failure);
  if (failure) return failed(failure, from + "/files");
  out << "restoring: registry" << std::endl;
  fs::copy_file(from + kRegistry, into + kRegistry, failure);
  if (failure) return failed(failure, from + kRegistry);
  if (const auto opened = registry::Registry::open({.path = into + kRegistry}); !opened) return opened.error();
  out << "restoring: tables" << std::endl;
  store::StoreConfig config;
  config.data_dir = into + "/store";
  config.restore_from = from + "/store";
  config.store_program = settings.store_program;
  config.engine_library = settings.engine;
  config.engine_memory_bytes = settings.engine_memory_bytes;
  config.retention_days = kRetentionDaysMax;
  // What still waits in the journal gives the same metrics as it would have.
  config.derive = derive_of(settings);
  config.derive_events = pipeline::derive_event_metrics;
  auto store = store::Store::open(std::move(config), clock);
  if (!store) return std::move(store).error();
  if (Status ready = (*store)->wait_ready(clock.tick() + kTimeout); !ready) return ready;
  out << "restoring: " << (*store)->stats().journal.segments_closed << " segments of the journal" << std::endl;
  return (*store)->wait_stored((*store)->rotate(), clock.tick() + kTimeout);
}

}  // namespace

base::Result<api::BackupReport> make_backup(const Settings& settings, const base::Clock& clock,
                                            const registry::Registry& registry, store::Store& store,
                                            std::string_view name) {
  const base::TickTime begun = clock.tick();
  api::BackupReport report{.name = name.empty() ? time_name(clock.wall()) : std::string(name)};
  report.path = settings.backup_dir + "/" + report.name;
  std::error_code failure;
  if (fs::exists(report.path, failure)) return Error(ErrorCode::kAlreadyExists, report.path + " is there already");
  const std::string partial = report.path + ".partial";
  fs::remove_all(partial, failure);
  fs::create_directories(partial, failure);
  if (failure) return base::errno_error(partial, failure.value());
  Status filled = fill_backup(settings, clock, registry, store, partial);
  if (filled) {
    fs::rename(partial, report.path, failure);
    filled = failed(failure, report.path);
  }
  if (!filled) {
    fs::remove_all(partial, failure);
    spdlog::error("backup {} failed: {}", report.name, filled.error().message());
    return std::move(filled).error();
  }
  report.bytes = bytes_of(report.path);
  report.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock.tick() - begun).count();
  spdlog::info("backup {}: {} bytes in {} ms", report.path, report.bytes, report.duration_ms);
  return report;
}

Status restore_backup(const Settings& settings, const std::string& from, const base::Clock& clock, std::ostream& out) {
  if (Status checked = check_manifest(from); !checked) return checked;
  std::error_code failure;
  if (fs::exists(settings.data_dir, failure)) {
    return Error(ErrorCode::kAlreadyExists,
                 settings.data_dir + " is there already: name a new directory with --data-dir, or move that one away");
  }
  // A data directory that is half restored must never look like one.
  const std::string partial = settings.data_dir + ".restoring";
  fs::remove_all(partial, failure);
  Status filled = fill_data_dir(settings, from, partial, clock, out);
  if (filled) {
    fs::rename(partial, settings.data_dir, failure);
    filled = failed(failure, settings.data_dir);
  }
  if (!filled) {
    fs::remove_all(partial, failure);
    return filled;
  }
  out << "restored into " << settings.data_dir << ": godseye serve --data-dir " << settings.data_dir << std::endl;
  return base::ok();
}

int run_backup(const BackupCommand& command, std::ostream& out, std::ostream& errors) {
  const std::string body = command.name.empty() ? "{}" : json::serialize(json::object{{"name", command.name}});
  net::HttpCall call{.method = "POST", .url = command.server + "/api/godseye/v1/backups", .body = body};
  call.headers.add("Content-Type", "application/json");
  if (!command.api_key.empty()) call.headers.add("DD-API-KEY", command.api_key);
  if (!command.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", command.app_key);
  call.timeout = kTimeout;
  call.idempotent = false;
  net::HttpClient client;
  if (!command.json) out << "backing up " << command.server << " …" << std::endl;
  const auto reply = client.send(call);
  if (!reply) {
    errors << "godseye backup: " << command.server << ": " << reply.error().message() << "\n";
    return 2;
  }
  boost::system::error_code code;
  const json::value value = json::parse(reply->body, code);
  const json::value* path = !code && value.is_object() ? value.as_object().if_contains("path") : nullptr;
  if (reply->status != 201 || path == nullptr) {
    errors << "godseye backup: " << reply->status << " " << reply->body << "\n";
    return 1;
  }
  if (command.json) {
    out << reply->body << "\n";
    return 0;
  }
  out << "complete: " << json::value_to<std::string>(*path) << " on the server, "
      << value.at("bytes").to_number<uint64_t>(code) / 1'000'000 << " MB in "
      << value.at("duration_ms").to_number<int64_t>(code) << " ms\n";
  return 0;
}

}  // namespace godseye::app
