#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/file.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

struct sqlite3;
struct sqlite3_stmt;

// SQLite: files of rows that survive a kill. Nothing above this header sees SQLite's types.
//
//   auto database = Database::open(folder + "/parcels.sqlite", kSchema);
//   Transaction transaction(**database);
//   Status done = Statement(**database, "INSERT INTO parcels VALUES(?)").bind(id).run();
//   if (done) done = transaction.commit();
//
// Threads: a `Database` is one connection and serves one thread at a time. Who has several opens several connections
// (one writes, the others read), or locks `mutex()` around what belongs together; this library locks nothing by itself.
// `wait_for_disk` alone is any thread's.
// Ownership: a statement or transaction must end before its database. What is bound is copied.
// Statements: prepared once for a text and kept, up to kStatementsKept; asking for a kept one allocates nothing. Put
// values into parameters, never into the text. Errors name the file. kAlreadyExists: a constraint (unique, primary key,
// check, foreign key); kUnavailable: another process kept the file locked for the busy time-out; kNoSpace: the disk is
// full; kTooLarge: a value above `value_bytes_max`; kCorrupt: damaged, or no SQLite file; kIo: cannot be opened, read
// or written; kInternal: our own SQL is wrong.
namespace godseye::sqlite {

inline constexpr size_t kStatementsKept = 256;  // of a connection; beyond it each use prepares its own

enum class Access : uint8_t { kReadWrite, kReadOnly };

// What a commit has survived when it returns: kProcess the death of any process, kPower the loss of power too.
enum class Sync : uint8_t { kProcess, kPower };

struct Options {
  Access access = Access::kReadWrite;            // kReadWrite makes the file when it is missing
  std::chrono::milliseconds busy_timeout{5000};  // how long a lock of another connection is waited for
  size_t value_bytes_max = size_t{64} << 20;     // one value, one row, one statement
};

// SQLite's pragmas of a writing connection, by what they do.
struct Pragmas {
  Sync sync = Sync::kPower;
  bool foreign_keys = false;
  int log_pages = 1000;  // of 4 KiB: the write-ahead log is copied back into the file at this size
  int cache_kib = 2048;  // of pages in memory
};

class Database {
 public:
  // ":memory:" keeps nothing. Changes no setting of the file: it may be another program's.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, const Options& options);
  // A book of a service: read and written, with the pragmas' defaults but for `sync` (2 s for locks, 16 MiB a value),
  // then `schema` is run (CREATE … IF NOT EXISTS).
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, const char* schema,
                                                      Sync sync = Sync::kPower);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Puts the file under a write-ahead log (readers and one writer do not wait for each other) and sets the rest for
  // this connection. Functions and tables that a schema names are not trusted. Not within a transaction.
  base::Status apply(const Pragmas& pragmas);

  // For commits with Sync::kProcess, of which some must survive the loss of power: every commit of this connection that
  // returned before the call is on the disk when it returns. Any thread may call it, and should without mutex(): those
  // who call at the same time share one wait for the disk. Requires a write-ahead log (`apply`). kIo: the disk failed,
  // for good.
  base::Status wait_for_disk();

  // One or more statements without parameters and rows.
  base::Status execute(const char* sql);
  // The first column of the first row; 0 when there is none.
  base::Result<int64_t> integer(std::string_view sql);
  int64_t last_insert_id() const;
  int64_t rows_changed() const;  // by the last INSERT, UPDATE or DELETE
  const std::string& path() const { return path_; }
  size_t statements_kept() const { return kept_.size(); }
  base::Mutex& mutex() { return mutex_; }

 private:
  friend class Statement;
  struct Kept {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  base::Error error(int code) const;

  sqlite3* handle_;
  std::string path_;
  base::Mutex mutex_;
  std::unordered_map<std::string, Kept, Hash, std::equal_to<>> kept_;

  base::Mutex disk_mutex_;
  base::ConditionVariable disk_done_;
  base::FileDescriptor log_ GE_GUARDED_BY(disk_mutex_);  // the write-ahead log; opened when first waited for
  uint64_t waits_ GE_GUARDED_BY(disk_mutex_) = 0;        // begun
  uint64_t waits_done_ GE_GUARDED_BY(disk_mutex_) = 0;   // of those, the first so many are over
  bool disk_busy_ GE_GUARDED_BY(disk_mutex_) = false;    // somebody waits for all
  bool disk_failed_ GE_GUARDED_BY(disk_mutex_) = false;
};

// One prepared statement in use, given back (reset) on destruction.
//   Statement s(database, "SELECT a FROM t WHERE b = ?");
//   s.bind(b);
//   while (s.step()) use(s.integer(0));
//   if (!s.status()) return s.status();
// After the first error every call does nothing; `status` reports it. The same text may be in use twice at once.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters in order of appearance.
  template <std::integral Integer>
  Statement& bind(Integer value) {
    return bind_integer(static_cast<int64_t>(value));
  }
  Statement& bind(double value);  // NaN is stored as NULL
  Statement& bind(std::string_view value);
  Statement& bind(const std::string& value) { return bind(std::string_view(value)); }
  Statement& bind(const char* value) { return bind(std::string_view(value)); }
  Statement& bind(const std::optional<std::string>& value);
  Statement& bind_blob(std::string_view value);

  // True when there is a row to read; false at the end or on error.
  bool step();
  // Runs to the end.
  base::Status run();

  int columns() const;  // of its rows; 0: it gives none
  // Of the row that `step` came to. NULL reads as 0, NaN, empty, nullopt.
  int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;
  bool is_null(int column) const;

  const base::Status& status() const { return status_; }

 private:
  Statement& bind_integer(int64_t value);
  void check(int code);

  Database& database_;
  Database::Kept* kept_ = nullptr;  // null: this use's own, not kept
  sqlite3_stmt* statement_ = nullptr;
  int next_parameter_ = 1;
  base::Status status_ = base::ok();
};

// Rolled back on destruction unless `commit` succeeded. kWrite takes the file's write lock at once: no upgrade can fail
// half way. kRead sees one moment of the file until it ends, and has nothing to commit.
class Transaction {
 public:
  enum class Kind : uint8_t { kWrite, kRead };
  explicit Transaction(Database& database, Kind kind = Kind::kWrite);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // Of the beginning: look before use.
  const base::Status& status() const { return status_; }
  base::Status commit();

 private:
  Database& database_;
  base::Status status_;
  bool open_;
};

}  // namespace godseye::sqlite
