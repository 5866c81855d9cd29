#include <sqlite3.h>
#include <vcommerce/orders/sqlite.h>

namespace vcommerce {

using base::Error;
using base::ErrorCode;

namespace {

// A person with the sqlite3 tool may hold the file for a moment.
constexpr int kBusyTimeoutMs = 2000;
constexpr int kValueBytesMax = 16 << 20;

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

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, const char* schema) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
      nullptr);
  if (handle == nullptr) return Error(ErrorCode::kInternal, "opening " + path + ": out of memory");
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return database->error(code);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", schema}) {
    if (base::Status status = database->execute(sql); !status) return std::move(status).error();
  }
  return database;
}

Database::~Database() {
  for (auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Error Database::error(int code) const { return {code_of(code), path_ + ": " + sqlite3_errmsg(handle_)}; }

base::Status Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return base::ok();
}

int64_t Database::rows_changed() const { return sqlite3_changes64(handle_); }
int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  // Taken out of the cache while in use, so that the same text may be used twice at once.
  if (auto found = database.cache_.find(std::string(sql)); found != database.cache_.end()) {
    statement_ = found->second;
    database.cache_.erase(found);
    return;
  }
  check(sqlite3_prepare_v3(database.handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement_, nullptr));
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  if (!database_.cache_.emplace(sqlite3_sql(statement_), statement_).second) sqlite3_finalize(statement_);
}

void Statement::check(int code) {
  if (code != SQLITE_OK && status_) status_ = database_.error(code);
}

Statement& Statement::bind(int64_t value) {
  if (status_) check(sqlite3_bind_int64(statement_, next_parameter_++, value));
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  if (!status_) return *this;
  // A null pointer would bind NULL; an empty text is not that.
  const char* bytes = value.data() == nullptr ? "" : value.data();
  check(sqlite3_bind_text64(statement_, next_parameter_++, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

bool Statement::step() {
  if (!status_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) check(code);
  return false;
}

base::Status Statement::run() {
  while (step()) {
  }
  return status_;
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

Transaction::Transaction(Database& database)
    : database_(database), status_(database.execute("BEGIN IMMEDIATE")), open_(status_.has_value()) {}

Transaction::~Transaction() {
  // A rollback that fails has nothing left to undo: SQLite rolled back by itself.
  if (open_) (void)database_.execute("ROLLBACK").has_value();
}

base::Status Transaction::commit() {
  base::Status done = database_.execute("COMMIT");
  if (done) open_ = false;
  return done;
}

}  // namespace vcommerce
