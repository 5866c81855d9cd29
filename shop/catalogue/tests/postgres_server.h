#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

// A PostgreSQL server of a test program's own: its data and its one Unix socket in a folder of /tmp that goes with it.
// It has to run as somebody unprivileged; as root that is `nobody`. Threads: the test's one.
namespace vcommerce::catalogue {

class PostgresServer {
 public:
  // The program's one; made at the first call. Null, and the test says why, when none is installed.
  static PostgresServer* shared();
  // For a test that stops it.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  static bool installed();
  // False with a failure of the running test.
  bool start();
  void stop();    // at once; what is committed stays
  void freeze();  // it keeps its connections and answers nobody
  void thaw();
  // Address of the database. The catalogue's tables are gone after `clear`.
  std::string url() const;
  void clear();

 private:
  std::vector<std::string> children() const;

  std::string folder_;
  pid_t process_ = -1;
};

}  // namespace vcommerce::catalogue
