#pragma once

#include <string>
#include <string_view>

#include <godseye/net/http_client.h>
#include <godseye/store/engine.h>

// ClickHouse over its HTTP interface: the child on its Unix socket and a remote server are one driver. SQL travels in
// the body, parameters and settings in the request line; answers come in Native format. Threads: every function from
// any thread, each call on a connection of its own.
namespace godseye::store {

struct HttpEngineConfig {
  std::string unix_socket;            // the child's; empty: `url` is connected to
  std::string url = "http://engine";  // "http://host:port", no path
  std::string user;                   // empty: no credentials are sent
  std::string password;
  std::vector<std::pair<std::string, std::string>> insert_settings;  // of every insert, before ours
  std::string database = "default";                                  // a statement's setting "database" overrides it
};

class HttpEngine final : public Engine {
 public:
  explicit HttpEngine(HttpEngineConfig config) : config_(std::move(config)) {}

  base::Result<Rows> select(std::string_view sql, const QueryOptions& options) override;
  base::Status execute(std::string_view sql, const QueryOptions& options) override;
  base::Status insert(const InsertBlock& block, std::chrono::milliseconds timeout) override;
  // True when something answers `/ping` within `timeout`.
  bool ping(std::chrono::milliseconds timeout);
  // Running and later calls fail with kCancelled.
  void stop() { client_.stop(); }

 private:
  using Arguments = std::vector<std::pair<std::string, std::string>>;
  base::Result<std::string> call(const Arguments& arguments, std::string_view body, std::chrono::milliseconds timeout,
                                 bool idempotent);

  const HttpEngineConfig config_;
  net::HttpClient client_;
};

// `value` in ClickHouse's escaped text, which is how a bound parameter that is not an array travels.
std::string escaped_text(std::string_view value);
// True when `sql` declares `{name:Array(…)}`: such values are array literals already and must not be escaped again.
bool is_array_parameter(std::string_view sql, std::string_view name);
// Our error for ClickHouse's exception `code` (X-ClickHouse-Exception-Code).
base::Error engine_error(int code, std::string message);

}  // namespace godseye::store
