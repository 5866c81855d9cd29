#include "http_engine.h"

#include "native.h"

#include <charconv>

#include <godseye/base/log.h>
#include <godseye/net/uri.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

constexpr size_t kMessageBytesMax = 2000;

// Room for the engine's own timeout to fire and be told before ours does.
constexpr std::chrono::milliseconds kTransferGrace{2000};

std::string quoted_element(std::string_view value) { return "'" + escaped_text(value) + "'"; }

template <typename T, typename Text>
std::string array_text(const std::vector<T>& values, Text text) {
  std::string out = "[";
  for (const T& value : values) {
    if (out.size() > 1) out += ',';
    out += text(value);
  }
  return out + "]";
}

}  // namespace

std::string array_parameter(const std::vector<std::string>& values) {
  return array_text(values, [](const std::string& value) { return quoted_element(value); });
}

std::string array_parameter(const std::vector<uint64_t>& values) {
  return array_text(values, [](uint64_t value) { return std::to_string(value); });
}

std::string escaped_text(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    switch (c) {
      case '\0':
        out += "\\0";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\'':
        out += "\\'";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
    }
  }
  return out;
}

bool is_array_parameter(std::string_view sql, std::string_view name) {
  const std::string declared = "{" + std::string(name) + ":Array(";
  return sql.find(declared) != std::string_view::npos;
}

Error engine_error(int code, std::string message) {
  if (message.size() > kMessageBytesMax) message.resize(kMessageBytesMax);
  while (!message.empty() && message.back() == '\n') message.pop_back();
  switch (code) {
    case 158:  // TOO_MANY_ROWS
    case 241:  // MEMORY_LIMIT_EXCEEDED
    case 307:  // TOO_MANY_BYTES
    case 396:  // TOO_MANY_ROWS_OR_BYTES
      return {ErrorCode::kTooLarge, std::move(message)};
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
    case 209:  // SOCKET_TIMEOUT
      return {ErrorCode::kTimeout, std::move(message)};
    case 202:  // TOO_MANY_SIMULTANEOUS_QUERIES
    case 252:  // TOO_MANY_PARTS
    case 439:  // CANNOT_SCHEDULE_TASK
      return {ErrorCode::kQueueFull, std::move(message)};
    case 243:  // NOT_ENOUGH_SPACE
      return {ErrorCode::kNoSpace, std::move(message)};
    case 60:  // UNKNOWN_TABLE
    case 81:  // UNKNOWN_DATABASE
      return {ErrorCode::kNotFound, std::move(message)};
    case 210:  // NETWORK_ERROR
    case 236:  // ABORTED
    case 242:  // TABLE_IS_READ_ONLY
    case 394:  // QUERY_WAS_CANCELLED
    case 516:  // AUTHENTICATION_FAILED: a person will fix the password; data must not be thrown away meanwhile
      return {ErrorCode::kUnavailable, std::move(message)};
    default:
      break;
  }
  // A full or failing disk shows through several codes; the text of the system call is the same in all of them.
  if (message.find("No space left on device") != std::string::npos) return {ErrorCode::kNoSpace, std::move(message)};
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Result<std::string> HttpEngine::call(const Arguments& arguments, std::string_view body,
                                     std::chrono::milliseconds timeout, bool idempotent) {
  std::string url = config_.url + "/?wait_end_of_query=1";
  for (const auto& [name, value] : arguments) {
    url.append("&").append(net::percent_encode(name)).append("=").append(net::percent_encode(value));
  }
  net::HttpCall call;
  call.method = "POST";
  call.url = std::move(url);
  call.unix_socket = config_.unix_socket;
  if (!config_.user.empty()) {
    call.headers.add("X-ClickHouse-User", config_.user);
    call.headers.add("X-ClickHouse-Key", config_.password);
  }
  call.body = body;
  call.timeout = timeout + kTransferGrace;
  call.reply_bytes_max = kAnswerBytesMax;
  call.idempotent = idempotent;
  Result<net::HttpReply> reply = client_.send(call);
  if (!reply) return std::move(reply).error().within("asking the engine");
  if (reply->status == 200) return std::move(reply->body);
  const std::string_view code_text = reply->headers.get("X-ClickHouse-Exception-Code");
  int code = 0;
  std::from_chars(code_text.data(), code_text.data() + code_text.size(), code);
  if (code == 0) {
    // Not ClickHouse speaking: a proxy, or the child's HTTP server shedding load.
    return Error(ErrorCode::kUnavailable,
                 "the engine answered " + std::to_string(reply->status) + " " + base::quoted(reply->body, 200));
  }
  return engine_error(code, std::move(reply->body));
}

namespace {

std::vector<std::pair<std::string, std::string>> arguments_of(std::string_view sql, const QueryOptions& options,
                                                              const std::string& database) {
  std::vector<std::pair<std::string, std::string>> arguments;
  bool has_database = false;
  for (const auto& [name, value] : options.settings) {
    arguments.emplace_back(name, value);
    has_database = has_database || name == "database";
  }
  if (!has_database) arguments.emplace_back("database", database);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.timeout).count();
  arguments.emplace_back("max_execution_time", std::to_string(std::max<int64_t>(1, seconds)));
  for (const auto& [name, value] : options.parameters) {
    arguments.emplace_back("param_" + name, is_array_parameter(sql, name) ? value : escaped_text(value));
  }
  return arguments;
}

}  // namespace

Result<Rows> HttpEngine::select(std::string_view sql, const QueryOptions& options) {
  Arguments arguments = arguments_of(sql, options, config_.database);
  arguments.emplace_back("default_format", "Native");
  Result<std::string> bytes = call(arguments, sql, options.timeout, true);
  if (!bytes) return std::move(bytes).error();
  return decode_native(*bytes);
}

Status HttpEngine::execute(std::string_view sql, const QueryOptions& options) {
  Result<std::string> bytes = call(arguments_of(sql, options, config_.database), sql, options.timeout, false);
  if (!bytes) return std::move(bytes).error();
  return base::ok();
}

Status HttpEngine::insert(const InsertBlock& block, std::chrono::milliseconds timeout) {
  std::string sql = "INSERT INTO " + block.table + " (";
  for (size_t i = 0; i < block.columns.size(); ++i) sql.append(i == 0 ? "" : ", ").append(block.columns[i]);
  sql += ") FORMAT Native";
  QueryOptions options;
  options.timeout = timeout;
  // One block stays one block, whatever the server's defaults: a different split would defeat the token.
  options.settings = {{"max_insert_block_size", "1000000000"},
                      {"min_insert_block_size_rows", "1000000000"},
                      {"min_insert_block_size_bytes", "0"},
                      {"max_threads", "1"},
                      {"async_insert", "0"}};
  // Settings given by the caller win: the child and ClickHouse take the last of two.
  options.settings.insert(options.settings.end(), config_.insert_settings.begin(), config_.insert_settings.end());
  if (!block.token.empty()) options.settings.emplace_back("insert_deduplication_token", block.token);
  Arguments arguments = arguments_of(sql, options, config_.database);
  arguments.emplace_back("query", sql);
  Result<std::string> bytes = call(arguments, block.native, timeout, !block.token.empty());
  if (!bytes) return std::move(bytes).error();
  return base::ok();
}

bool HttpEngine::ping(std::chrono::milliseconds timeout) {
  net::HttpCall call;
  call.url = config_.url + "/ping";
  call.unix_socket = config_.unix_socket;
  call.timeout = timeout;
  const Result<net::HttpReply> reply = client_.send(call);
  return reply.has_value() && reply->status == 200;
}

}  // namespace godseye::store
