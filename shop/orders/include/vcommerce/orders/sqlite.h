#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

struct sqlite3;
struct sqlite3_stmt;

// What order services write down so that a kill loses nothing: SQLite with a write-ahead log, each commit on its way to
// the disk before the answer (`synchronous=FULL`: also power loss). Nothing above this header sees SQLite's types.
//
// Threads: a `Database` serves one at a time. Its owner locks `mutex()` around what belongs together.
namespace vcommerce {

class Database;

// One prepared statement in use; given back on destruction.
//   Statement s(database, "SELECT a FROM t WHERE b = ?");
//   s.bind(b);
//   while (s.step()) use(s.integer(0));
//   if (!s.status()) return s.status().error();
// After the first error every call does nothing; `status` reports it.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters in order of appearance, copied.
  Statement& bind(int64_t value);
  Statement& bind(std::string_view value);
  // True when there is a row to read; false at the end or on error.
  bool step();
  // Runs to the end. kAlreadyExists for a broken unique constraint, kNoSpace for a full disk.
  base::Status run();

  int64_t integer(int column) const;
  std::string text(int column) const;
  const base::Status& status() const { return status_; }

 private:
  void check(int code);

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
  int next_parameter_ = 1;
  base::Status status_ = base::ok();
};

class Database {
 public:
  // Opens or creates `path` and runs `schema` (CREATE … IF NOT EXISTS). ":memory:" keeps nothing. Errors name the file.
  static base::Result<std::unique_ptr<Database>> open(const std::string& path, const char* schema);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  base::Status execute(const char* sql);
  int64_t rows_changed() const;  // by the last INSERT, UPDATE or DELETE
  int64_t last_insert_id() const;
  base::Mutex& mutex() { return mutex_; }

 private:
  friend class Statement;
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  base::Error error(int code) const;

  sqlite3* handle_;
  std::string path_;
  base::Mutex mutex_;
  std::unordered_map<std::string, sqlite3_stmt*> cache_;
};

// Begins at once (no lock upgrade that could fail half way) and rolls back unless `commit` succeeded.
class Transaction {
 public:
  explicit Transaction(Database& database);
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

}  // namespace vcommerce
