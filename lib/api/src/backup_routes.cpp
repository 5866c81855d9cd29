#include <algorithm>
#include <atomic>
#include <memory>

#include <godseye/api/backup_routes.h>
#include <godseye/api/errors.h>

#include <boost/json.hpp>

namespace godseye::api {
namespace {

namespace json = boost::json;

constexpr size_t kNameBytesMax = 64;
constexpr size_t kBodyBytesMax = 4096;

bool plain_name(std::string_view name) {
  return name.size() <= kNameBytesMax && !name.starts_with('.') && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

// The name that is asked for; empty: none.
base::Result<std::string> name_of(const std::string& body) {
  const auto wrong = [](std::string text) { return base::Error(base::ErrorCode::kInvalidArgument, std::move(text)); };
  if (body.empty()) return std::string();
  if (body.size() > kBodyBytesMax) return wrong("the body is larger than " + std::to_string(kBodyBytesMax) + " bytes");
  boost::system::error_code code;
  const json::value value = json::parse(body, code);
  if (code || !value.is_object()) return wrong(R"(expected {"name":"…"})");
  const json::value* name = value.as_object().if_contains("name");
  if (name == nullptr) return std::string();
  if (!name->is_string() || name->as_string().empty() || !plain_name(std::string_view(name->as_string()))) {
    return wrong("name: expected 1 to " + std::to_string(kNameBytesMax) + " letters, digits, '-', '_' or '.'");
  }
  return std::string(std::string_view(name->as_string()));
}

}  // namespace

void add_backup_routes(Router& router, std::function<base::Result<BackupReport>(std::string_view name)> make) {
  const auto running = std::make_shared<std::atomic<bool>>(false);
  router.add(RouteClass::kManagement, "POST", "/api/godseye/v1/backups",
             [running, make = std::move(make)](const Request& request) {
               const base::Result<std::string> name = name_of(request.body());
               if (!name) return error_response(name.error());
               if (running->exchange(true)) return error_response(409, "a backup is running: wait for its end");
               const base::Result<BackupReport> report = make(*name);
               running->store(false);
               if (!report) return error_response(report.error());
               return net::json_response(201, "{\"name\":" + net::json_quoted(report->name) +
                                                  ",\"path\":" + net::json_quoted(report->path) +
                                                  ",\"bytes\":" + std::to_string(report->bytes) +
                                                  ",\"duration_ms\":" + std::to_string(report->duration_ms) + "}");
             });
}

}  // namespace godseye::api
