#pragma once

#include <string>

namespace godseye::sqlite {
class Database;
}

// A session is one open transaction on one connection, lent to the function that `Registry::read` or `Registry::write`
// runs. It is opaque: the typed functions of this library do the work. A `WriteSession` can do whatever a `ReadSession`
// can. Not thread-safe; dies with the function it was given to.
namespace godseye::registry {

class ReadSession {
 public:
  // `key_secret`: under which the hashes of keys are made.
  ReadSession(sqlite::Database& connection, const std::string& key_secret)
      : connection_(connection), key_secret_(key_secret) {}
  ReadSession(const ReadSession&) = delete;
  ReadSession& operator=(const ReadSession&) = delete;
  sqlite::Database& connection() { return connection_; }
  const std::string& key_secret() const { return key_secret_; }

 private:
  sqlite::Database& connection_;
  const std::string& key_secret_;
};

class WriteSession : public ReadSession {
 public:
  using ReadSession::ReadSession;
};

}  // namespace godseye::registry
