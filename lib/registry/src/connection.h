#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/result.h>

struct sqlite3;
struct sqlite3_stmt;

// The adapter to SQLite: nothing above this header sees its types.
namespace godseye::registry {

class Connection;

// One prepared statement in use. Taken from the connection's cache, given back (reset) on destruction.
//   Statement s(connection, "SELECT a FROM t WHERE b = ?");
//   s.bind(b);
//   while (s.step()) use(s.integer(0));
//   if (Status status = s.status(); !status) return status.error();
// After the first error every call does nothing; `status` reports it.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters in order of appearance. Text is copied.
  Statement& bind(int64_t value);
  Statement& bind(int value) { return bind(static_cast<int64_t>(value)); }
  Statement& bind(size_t value) { return bind(static_cast<int64_t>(value)); }
  Statement& bind(double value);  // NaN is stored as NULL
  Statement& bind(std::string_view value);
  Statement& bind(const std::string& value) { return bind(std::string_view(value)); }
  Statement& bind(const char* value) { return bind(std::string_view(value)); }
  Statement& bind(const std::optional<std::string>& value);
  Statement& bind_blob(std::string_view value);

  // True when there is a row to read; false at the end or on error.
  bool step();
  // Runs to the end. kAlreadyExists for a broken unique constraint.
  base::Status run();

  int64_t integer(int column) const;
  double real(int column) const;  // NULL reads as NaN
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;
  bool is_null(int column) const;

  const base::Status& status() const { return status_; }

 private:
  void check(int code, std::string_view what);
  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
  int next_parameter_ = 1;
  base::Status status_ = base::ok();
};

class Connection {
 public:
  enum class Mode : uint8_t { kReadWrite, kReadOnly };
  static base::Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One or more statements without parameters and rows.
  base::Status execute(const char* sql);
  base::Result<int64_t> integer(std::string_view sql);
  int64_t last_insert_id() const;
  int64_t rows_changed() const;  // by the last INSERT, UPDATE or DELETE
  const std::string& path() const { return path_; }

  // The secret under which key hashes are made; read once.
  std::string key_secret;

 private:
  friend class Statement;
  Connection(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  base::Error error(int code, std::string_view what) const;

  sqlite3* handle_;
  std::string path_;
  std::unordered_map<std::string, sqlite3_stmt*> cache_;
};

}  // namespace godseye::registry
