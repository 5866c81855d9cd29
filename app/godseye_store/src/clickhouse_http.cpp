#include "clickhouse_http.h"

#include "insert_statement.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

namespace godseye::engine {

namespace {

// ClickHouse's numbers, which its clients know.
constexpr int kBadArguments = 36;
constexpr int kCannotOpenFile = 76;
constexpr int kSyntaxError = 62;
constexpr int kReadonly = 164;
constexpr int kTooManySimultaneousQueries = 202;

net::HttpResponse text_response(int status, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=UTF-8");
  response.body = std::move(body);
  return response;
}

net::HttpResponse failure_response(const EngineFailure& failure) {
  net::HttpResponse response = text_response(http_status_of(failure.code), failure.message + "\n");
  response.headers.add("X-ClickHouse-Exception-Code", std::to_string(failure.code));
  return response;
}

net::HttpResponse refusal(int code, std::string_view name, std::string_view text) {
  EngineFailure failure{code, "Code: " + std::to_string(code) + ". DB::Exception: "};
  failure.message.append(text).append(". (").append(name).append(")");
  return failure_response(failure);
}

// Request parameters that are neither settings nor statement parameters: they belong to the interface or to features of
// a server that an embedded engine does not have.
bool is_reserved(std::string_view name) {
  static constexpr std::array<std::string_view, 16> kReserved = {
      "query",         "database",  "default_format",    "user",        "password", "query_id",
      "session_id",    "quota_key", "session_timeout",   "buffer_size", "compress", "decompress",
      "session_check", "role",      "wait_end_of_query", "stacktrace"};
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

// The first word decides, as a guard against links that change data; the engine checks everything else.
bool only_reads(std::string_view sql) {
  const size_t begin = sql.find_first_not_of(" \t\r\n(");
  if (begin == std::string_view::npos) return false;
  static constexpr std::array<std::string_view, 8> kReading = {"SELECT",   "WITH",    "SHOW",   "DESC",
                                                               "DESCRIBE", "EXPLAIN", "EXISTS", "CHECK"};
  std::string word;
  for (size_t i = begin; i < sql.size() && std::isalpha(static_cast<unsigned char>(sql[i])) != 0; ++i) {
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(sql[i])));
  }
  return std::find(kReading.begin(), kReading.end(), word) != kReading.end();
}

// A file in memory that the engine reads by path; gone when this object is.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("insert", MFD_CLOEXEC)) {
    while (fd_ >= 0 && !bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    complete_ = fd_ >= 0;
  }
  ~MemoryFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  bool complete() const { return complete_; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
  bool complete_ = false;
};

std::string summary(const Answer& answer) {
  return R"({"read_rows":")" + std::to_string(answer.rows_read) + R"(","read_bytes":")" +
         std::to_string(answer.bytes_read) + R"(","result_bytes":")" + std::to_string(answer.bytes.size()) +
         R"(","elapsed_ns":")" + std::to_string(static_cast<uint64_t>(answer.elapsed_s * 1e9)) + R"("})";
}

}  // namespace

struct ClickhouseHttp::Statement {
  std::string sql;
  std::string format = "TabSeparated";
  std::string database;
  Parameters parameters;
  EngineSession::Settings settings;
  EnginePool::Kind kind = EnginePool::Kind::kRead;
};

int http_status_of(int code) {
  switch (code) {
    case kReadonly:
    case 497:  // ACCESS_DENIED
      return 403;
    case 60:   // UNKNOWN_TABLE
    case 81:   // UNKNOWN_DATABASE
    case 46:   // UNKNOWN_FUNCTION
    case 47:   // UNKNOWN_IDENTIFIER
    case 50:   // UNKNOWN_TYPE
    case 56:   // UNKNOWN_STORAGE
    case 63:   // UNKNOWN_AGGREGATE_FUNCTION
    case 73:   // UNKNOWN_FORMAT
    case 115:  // UNKNOWN_SETTING
      return 404;
    case 6:    // CANNOT_PARSE_TEXT
    case 26:   // CANNOT_PARSE_QUOTED_STRING
    case 27:   // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    case 32:   // ATTEMPT_TO_READ_AFTER_EOF
    case 33:   // CANNOT_READ_ALL_DATA
    case 38:   // CANNOT_PARSE_DATE
    case 41:   // CANNOT_PARSE_DATETIME
    case 53:   // TYPE_MISMATCH
    case 72:   // CANNOT_PARSE_NUMBER
    case 117:  // INCORRECT_DATA
    case 456:  // UNKNOWN_QUERY_PARAMETER
    case 457:  // BAD_QUERY_PARAMETER
    case kBadArguments:
    case kSyntaxError:
      return 400;
    case 159:  // TIMEOUT_EXCEEDED
      return 408;
    case 223:  // QUERY_IS_TOO_LARGE
      return 413;
    case 48:  // NOT_IMPLEMENTED
      return 501;
    case kTooManySimultaneousQueries:
    case 439:  // CANNOT_SCHEDULE_TASK
      return 503;
    default:
      return 500;
  }
}

net::HttpResponse ClickhouseHttp::run(const Statement& statement) {
  EnginePool::Lease session = pool_.lease(statement.kind, std::chrono::steady_clock::now() + config_.wait_max);
  if (!session) {
    return refusal(kTooManySimultaneousQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries");
  }
  Answer answer;
  EngineFailure failure;
  if (!session->run(statement.sql, statement.format, statement.parameters, statement.database, statement.settings,
                    answer, failure)) {
    return failure_response(failure);
  }
  net::HttpResponse response;
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("X-ClickHouse-Format", statement.format);
  response.headers.add("X-ClickHouse-Summary", summary(answer));
  response.body = std::move(answer.bytes);
  return response;
}

net::HttpResponse ClickhouseHttp::insert(Statement statement, std::string_view head, std::string_view format,
                                         std::string_view data) {
  const MemoryFile file(data);
  if (!file.complete()) {
    return refusal(kCannotOpenFile, "CANNOT_OPEN_FILE", std::string("memory file: ") + std::strerror(errno));
  }
  statement.sql =
      std::string(head) + " SELECT * FROM file(" + sql_quoted(file.path()) + ", " + sql_quoted(format) + ")";
  // What an INSERT with data would do by itself: a token is honoured or the statement fails, never silently ignored.
  if (statement.settings.contains("insert_deduplication_token")) {
    statement.settings.insert_or_assign("deduplicate_insert_select", "force_enable");
  }
  // Formats without types of their own take those of the table.
  statement.settings.try_emplace("use_structure_from_insertion_table_in_table_functions", "2");
  statement.kind = EnginePool::Kind::kWrite;
  return run(statement);
}

net::HttpResponse ClickhouseHttp::handle(const net::HttpRequest& request) {
  if (request.path == "/ping" || request.path == "/replicas_status") return text_response(200, "Ok.\n");
  if (request.path != "/") return text_response(404, "There is no handle " + request.path + "\n");
  if (request.method != "GET" && request.method != "POST") return text_response(405, "GET and POST only\n");

  Statement statement;
  statement.settings.emplace("max_execution_time", std::to_string(config_.execution_default.count()));
  for (const auto& [name, value] : request.query) {
    if (name.starts_with("param_")) {
      statement.parameters.emplace_back(name.substr(6), value);
    } else if (!is_reserved(name)) {
      if (!is_identifier(name)) return refusal(kBadArguments, "BAD_ARGUMENTS", "Wrong name of a setting");
      statement.settings.insert_or_assign(name, value);
    }
  }
  statement.database = request.query.get("database", request.headers.get("X-ClickHouse-Database"));
  statement.format = request.query.get("default_format", request.headers.get("X-ClickHouse-Format", "TabSeparated"));
  if (!is_identifier(statement.format)) return refusal(73, "UNKNOWN_FORMAT", "Wrong name of a format");
  if (!statement.database.empty() && !is_identifier(statement.database)) {
    return refusal(81, "UNKNOWN_DATABASE", "Wrong name of a database");
  }

  const std::string_view query = request.query.get("query");
  if (query.empty() && request.body.empty()) return text_response(200, "Ok.\n");
  if (request.method == "GET" && !only_reads(query)) {
    return refusal(kReadonly, "READONLY", "Cannot change data by a GET request, use POST");
  }
  // The statement may be all in `query`, all in the body, or its data may follow in the body.
  if (const auto split = split_insert(query.empty() ? std::string_view(request.body) : query)) {
    if (query.empty())
      return insert(statement, split->head, split->format, std::string_view(request.body).substr(split->data_begin));
    const std::string_view inline_data = query.substr(split->data_begin);
    if (inline_data.empty()) return insert(statement, split->head, split->format, request.body);
    return insert(statement, split->head, split->format, std::string(inline_data) + request.body);
  }
  statement.sql = query;
  if (!request.body.empty()) {
    if (!query.empty()) statement.sql += '\n';
    statement.sql += request.body;
  }
  if (!only_reads(statement.sql)) statement.kind = EnginePool::Kind::kWrite;
  return run(statement);
}

}  // namespace godseye::engine
