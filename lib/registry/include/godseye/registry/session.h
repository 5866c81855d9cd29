#pragma once

// A session is one open transaction on one connection, lent to the function that `Registry::read` or `Registry::write`
// runs. It is opaque: the typed functions of this library do the work. A `WriteSession` can do whatever a `ReadSession`
// can. Not thread-safe; dies with the function it was given to.
namespace godseye::registry {

class Connection;

class ReadSession {
 public:
  explicit ReadSession(Connection& connection) : connection_(connection) {}
  ReadSession(const ReadSession&) = delete;
  ReadSession& operator=(const ReadSession&) = delete;
  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
};

class WriteSession : public ReadSession {
 public:
  using ReadSession::ReadSession;
};

}  // namespace godseye::registry
