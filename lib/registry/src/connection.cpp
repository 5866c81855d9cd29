#include "connection.h"

#include <cmath>
#include <limits>

#include <sqlite3.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

// Another process (a copy tool, a curious person) may hold the file for a moment.
constexpr int kBusyTimeoutMs = 5000;
// One value; far above any document we store.
constexpr int kValueBytesMax = 64 << 20;

ErrorCode code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return ErrorCode::kAlreadyExists;
    case SQLITE_FULL:
      return ErrorCode::kNoSpace;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_TOOBIG:
      return ErrorCode::kTooLarge;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return ErrorCode::kIo;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::kReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error(ErrorCode::kInternal, "opening " + path + ": out of memory");
  std::unique_ptr<Connection> connection(new Connection(handle, path));
  if (code != SQLITE_OK) return connection->error(code, "opening");
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Error Connection::error(int code, std::string_view what) const {
  std::string message = "registry " + path_ + ": ";
  message.append(what).append(": ").append(sqlite3_errmsg(handle_));
  return {code_of(code), std::move(message)};
}

base::Status Connection::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, sql);
  return base::ok();
}

base::Result<int64_t> Connection::integer(std::string_view sql) {
  Statement statement(*this, sql);
  const bool row = statement.step();
  if (!statement.status()) return statement.status().error();
  return row ? statement.integer(0) : 0;
}

int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
int64_t Connection::rows_changed() const { return sqlite3_changes64(handle_); }

Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection) {
  // Taken out of the cache while in use, so that the same text may be used twice at once.
  if (auto found = connection.cache_.find(std::string(sql)); found != connection.cache_.end()) {
    statement_ = found->second;
    connection.cache_.erase(found);
    return;
  }
  const int code = sqlite3_prepare_v3(connection.handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  check(code, sql);
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  const std::string sql = sqlite3_sql(statement_);
  if (!connection_.cache_.emplace(sql, statement_).second) sqlite3_finalize(statement_);
}

void Statement::check(int code, std::string_view what) {
  if (code != SQLITE_OK && status_) status_ = connection_.error(code, what);
}

Statement& Statement::bind(int64_t value) {
  if (status_) check(sqlite3_bind_int64(statement_, next_parameter_++, value), "bind");
  return *this;
}

Statement& Statement::bind(double value) {
  if (status_) check(sqlite3_bind_double(statement_, next_parameter_++, value), "bind");
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  if (status_) {
    // A null pointer would bind NULL; an empty text is not that.
    const char* bytes = value.data() == nullptr ? "" : value.data();
    check(sqlite3_bind_text64(statement_, next_parameter_++, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
          "bind");
  }
  return *this;
}

Statement& Statement::bind(const std::optional<std::string>& value) {
  if (value) return bind(std::string_view(*value));
  if (status_) check(sqlite3_bind_null(statement_, next_parameter_++), "bind");
  return *this;
}

Statement& Statement::bind_blob(std::string_view value) {
  if (status_) {
    check(sqlite3_bind_blob64(statement_, next_parameter_++, value.data(), value.size(), SQLITE_TRANSIENT), "bind");
  }
  return *this;
}

bool Statement::step() {
  if (!status_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) check(code, sqlite3_sql(statement_));
  return false;
}

base::Status Statement::run() {
  while (step()) {
  }
  return status_;
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const {
  return is_null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

}  // namespace godseye::registry
