#pragma once

#include "engine_pool.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <godseye/net/http_message.h>

// ClickHouse's HTTP interface over the engine pool: `GET|POST
// /?query=…&database=…&default_format=…&param_x=…&setting=…`, the body being the rest of the statement or the data of
// an INSERT; `/ping`. Errors are text, "Code: 60. DB::Exception: …", with ClickHouse's number in
// X-ClickHouse-Exception-Code and its HTTP status. A GET only reads, as in ClickHouse. Not supported, and said so:
// sessions (session_id), temporary tables, external data, streaming of answers. Threads: `handle` from any number of
// them; blocks for as long as the statement runs.
namespace godseye::engine {

struct ClickhouseHttpConfig {
  std::chrono::milliseconds wait_max{10'000};  // for a free connection
  std::chrono::seconds execution_default{30};  // max_execution_time unless the request sets it
};

class ClickhouseHttp {
 public:
  ClickhouseHttp(EnginePool& pool, ClickhouseHttpConfig config) : pool_(pool), config_(config) {}

  net::HttpResponse handle(const net::HttpRequest& request);

 private:
  struct Statement;
  net::HttpResponse run(const Statement& statement);
  net::HttpResponse insert(Statement statement, std::string_view head, std::string_view format, std::string_view data);

  EnginePool& pool_;
  const ClickhouseHttpConfig config_;
};

// The HTTP status ClickHouse sends with exception `code`.
int http_status_of(int code);

}  // namespace godseye::engine
