#include <cmath>
#include <filesystem>
#include <limits>

#include <godseye/sqlite/database.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace godseye::sqlite {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr char kNoFile[] = ":memory:";
constexpr Options kBook{.busy_timeout = std::chrono::seconds(2), .value_bytes_max = size_t{16} << 20};

const char* synchronous(Sync sync) {
  return sync == Sync::kPower ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
}

// The write-ahead log beside `path`, its name on the disk. No descriptor: one of them is not there.
base::FileDescriptor open_log(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const base::FileDescriptor names(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names || ::fsync(names.get()) != 0) return {};
  return base::FileDescriptor(::open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC));
}

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

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, const Options& options) {
  sqlite3* handle = nullptr;
  const bool writes = options.access == Access::kReadWrite;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error(ErrorCode::kInternal, path + ": out of memory");
  std::unique_ptr<Database> database(new Database(handle, path));
  if (code != SQLITE_OK) return database->error(code);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(options.value_bytes_max));
  return database;
}

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path, const char* schema, Sync sync) {
  base::Result<std::unique_ptr<Database>> database = open(path, kBook);
  if (!database) return database;
  if (Status done = (*database)->apply({.sync = sync}); !done) return std::move(done).error();
  if (Status done = (*database)->execute(schema); !done) return std::move(done).error();
  return database;
}

Database::~Database() {
  for (auto& [sql, kept] : kept_) sqlite3_finalize(kept.statement);
  sqlite3_close(handle_);
}

Error Database::error(int code) const { return {code_of(code), path_ + ": " + sqlite3_errmsg(handle_)}; }

Status Database::apply(const Pragmas& pragmas) {
  const std::string sql =
      std::string("PRAGMA journal_mode = WAL; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;") +
      synchronous(pragmas.sync) + "; PRAGMA foreign_keys = " + (pragmas.foreign_keys ? "ON" : "OFF") +
      "; PRAGMA wal_autocheckpoint = " + std::to_string(pragmas.log_pages) + "; PRAGMA cache_size = -" +
      std::to_string(pragmas.cache_kib);
  return execute(sql.c_str());
}

// SQLite writes a commit to the log before it returns; only the wait is missing, and the log is one file for as long as
// the connection lives. A sync that failed is final: the kernel may have dropped what it could not write, and says so
// once.
Status Database::wait_for_disk() {
  if (path_ == kNoFile) return base::ok();
  const Error failed(ErrorCode::kIo, path_ + ": what was committed could not be written to the disk");
  uint64_t all = 0;
  int log = -1;
  {
    base::MutexLock lock(disk_mutex_);
    const uint64_t mine = ++waits_;
    while (disk_busy_ && waits_done_ < mine && !disk_failed_) disk_done_.wait(disk_mutex_);
    if (disk_failed_) return failed;
    if (waits_done_ >= mine) return base::ok();
    if (!log_) log_ = open_log(path_);
    log = log_.get();
    all = waits_;
    disk_busy_ = true;
  }
  const bool done = ::fdatasync(log) == 0;
  base::MutexLock lock(disk_mutex_);
  disk_busy_ = false;
  disk_failed_ = !done;
  if (done) waits_done_ = all;
  disk_done_.notify_all();
  if (!done) return failed;
  return base::ok();
}

Status Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return base::ok();
}

base::Result<int64_t> Database::integer(std::string_view sql) {
  Statement statement(*this, sql);
  const bool row = statement.step();
  if (!statement.status()) return statement.status().error();
  return row ? statement.integer(0) : 0;
}

int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
int64_t Database::rows_changed() const { return sqlite3_changes64(handle_); }

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  const auto found = database.kept_.find(sql);
  if (found != database.kept_.end() && !found->second.in_use) {
    kept_ = &found->second;
    kept_->in_use = true;
    statement_ = kept_->statement;
    return;
  }
  const int code = sqlite3_prepare_v3(database.handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  check(code);
  if (code != SQLITE_OK || found != database.kept_.end() || database.kept_.size() >= kStatementsKept) return;
  kept_ = &database.kept_.emplace(sql, Database::Kept{statement_, true}).first->second;  // nodes stay where they are
}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (kept_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  kept_->in_use = false;
}

void Statement::check(int code) {
  if (code != SQLITE_OK && status_) status_ = database_.error(code);
}

Statement& Statement::bind_integer(int64_t value) {
  if (status_) check(sqlite3_bind_int64(statement_, next_parameter_++, value));
  return *this;
}

Statement& Statement::bind(double value) {
  if (status_) check(sqlite3_bind_double(statement_, next_parameter_++, value));
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  if (!status_) return *this;
  // A null pointer would bind NULL; an empty text is not that.
  const char* bytes = value.data() == nullptr ? "" : value.data();
  check(sqlite3_bind_text64(statement_, next_parameter_++, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(const std::optional<std::string>& value) {
  if (value) return bind(std::string_view(*value));
  if (status_) check(sqlite3_bind_null(statement_, next_parameter_++));
  return *this;
}

Statement& Statement::bind_blob(std::string_view value) {
  if (status_) {
    check(sqlite3_bind_blob64(statement_, next_parameter_++, value.data(), value.size(), SQLITE_TRANSIENT));
  }
  return *this;
}

bool Statement::step() {
  if (!status_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) check(code);
  return false;
}

Status Statement::run() {
  while (step()) {
  }
  return status_;
}

int Statement::columns() const { return sqlite3_column_count(statement_); }

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

Transaction::Transaction(Database& database, Kind kind)
    : database_(database),
      status_(Statement(database, kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN").run()),
      open_(status_.has_value()) {}

Transaction::~Transaction() {
  // A rollback that fails has nothing left to undo: SQLite rolled back by itself.
  if (open_) (void)Statement(database_, "ROLLBACK").run().has_value();
}

Status Transaction::commit() {
  Status done = Statement(database_, "COMMIT").run();
  if (done) open_ = false;
  return done;
}

}  // namespace godseye::sqlite
