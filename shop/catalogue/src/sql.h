#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// What the store asks of a database, so that its rules and their SQL are written once. Two adapters implement it:
// SQLite (sqlite_database.cpp), a file or memory of one process, and PostgreSQL (postgres_database.cpp), a server that
// several share.
//
// The SQL is what both understand. Parameters are $1, $2, …, each named for the first time in that order (SQLite counts
// them so); numbers are 64 bits, all else is text without zero bytes.
//
// Threads: a pool serves any; a session the one that took it. Errors name the database, never a password. kUnavailable:
// it is away, or was lost on the way (what ran may or may not have happened); the next session that is taken connects
// again.
namespace vcommerce::catalogue {

using SqlValue = std::variant<int64_t, std::string_view>;

// What a statement gave: rows of `columns` cells as text, and how many rows it changed.
struct Rows {
  size_t columns = 0;
  std::vector<std::string> cells;
  int64_t changed = 0;

  size_t size() const { return columns == 0 ? 0 : cells.size() / columns; }
  bool empty() const { return cells.empty(); }
  std::string& text(size_t row, size_t column) { return cells[row * columns + column]; }
  // 0 for what is no number.
  int64_t integer(size_t row, size_t column) const;
};

class SqlSession {
 public:
  virtual ~SqlSession() = default;
  // Connects when there is no connection.
  virtual base::Status ready() = 0;
  // One statement. kAlreadyExists: a constraint.
  virtual base::Result<Rows> run(std::string_view sql, std::initializer_list<SqlValue> values) = 0;
  // The tables, where they are missing.
  virtual base::Status make_tables() = 0;

  // A transaction. Until it ends, whoever begins another with the same `key` waits, in whichever process. Rows that it
  // wrote are others' only after `commit`, and nobody else's writes to them come between.
  virtual base::Status begin(std::string_view key) = 0;
  virtual base::Status commit() = 0;
  virtual void rollback() = 0;
};

// Rolled back unless `commit` succeeded.
class SqlTransaction {
 public:
  SqlTransaction(SqlSession& session, std::string_view key) : session_(session), status_(session.begin(key)) {}
  ~SqlTransaction() {
    if (status_ && !committed_) session_.rollback();
  }
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;
  const base::Status& status() const { return status_; }
  base::Status commit() {
    base::Status done = session_.commit();
    committed_ = done.has_value();
    return done;
  }

 private:
  SqlSession& session_;
  base::Status status_;
  bool committed_ = false;
};

// The sessions of one database.
class SqlPool {
 public:
  static constexpr std::chrono::seconds kWaitMax{2};  // for a session to come free

  // `kind`: "sqlite", "postgresql"; `name`: the database in errors.
  SqlPool(std::string_view kind, std::string name, std::vector<std::unique_ptr<SqlSession>> sessions);

  class Lease {
   public:
    Lease(SqlPool& pool, std::unique_ptr<SqlSession> session) : pool_(&pool), session_(std::move(session)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (session_) pool_->give_back(std::move(session_));
    }
    SqlSession& operator*() const { return *session_; }

   private:
    SqlPool* pool_;
    std::unique_ptr<SqlSession> session_;
  };
  // A session that is connected.
  base::Result<Lease> take();
  std::string_view kind() const { return kind_; }
  const std::string& name() const { return name_; }

 private:
  void give_back(std::unique_ptr<SqlSession> session);

  const std::string_view kind_;
  const std::string name_;
  base::Mutex mutex_;
  base::ConditionVariable free_;
  std::vector<std::unique_ptr<SqlSession>> idle_ GE_GUARDED_BY(mutex_);
};

// `path`: ":memory:" keeps nothing. One session. Errors: kIo, kCorrupt.
base::Result<std::unique_ptr<SqlPool>> open_sqlite(const std::string& path);

// `url`: postgresql://USER:PASSWORD@HOST:PORT/NAME?sslmode=…, as libpq reads it. kInvalidArgument when it is none;
// nothing is connected yet. Tables are made in the schema `vcommerce`.
base::Result<std::unique_ptr<SqlPool>> open_postgres(const std::string& url);

}  // namespace vcommerce::catalogue
