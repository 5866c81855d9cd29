#include "postgres_server.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <godseye/base/spawn.h>

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vcommerce::catalogue {

namespace {

constexpr uid_t kNobody = 65534;
constexpr std::chrono::seconds kStartMax{60};

// Debian keeps the server's programs out of the path, by version.
std::string find_program(const std::string& name) {
  std::string newest;
  std::error_code failed;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", failed)) {
    const std::string path = version.path().string() + "/bin/" + name;
    if (access(path.c_str(), X_OK) == 0 && path > newest) newest = path;
  }
  for (const char* folder : {"/usr/local/bin/", "/usr/bin/"}) {
    if (newest.empty() && access((folder + name).c_str(), X_OK) == 0) newest = folder + name;
  }
  return newest;
}

// As somebody unprivileged, and ended when this process ends.
std::vector<std::string> unprivileged(std::vector<std::string> command) {
  std::vector<std::string> words = {"/usr/bin/setpriv"};
  if (geteuid() == 0) {
    const std::string id = std::to_string(kNobody);
    for (const std::string& word : {"--reuid=" + id, "--regid=" + id, std::string("--clear-groups")})
      words.push_back(word);
  }
  words.emplace_back("--pdeathsig=QUIT");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

pid_t spawned(std::vector<std::string> command) {
  const auto child = godseye::base::spawn(unprivileged(std::move(command)), {.silent = true});
  EXPECT_TRUE(child) << (child ? "" : child.error().message());
  return child ? *child : -1;
}

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

bool executes(const std::string& url, const char* sql) {
  const std::unique_ptr<PGconn, Finish> connection(PQconnectdb(url.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) return false;
  PGresult* result = PQexec(connection.get(), sql);
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

}  // namespace

bool PostgresServer::installed() { return !find_program("initdb").empty() && !find_program("postgres").empty(); }

PostgresServer* PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server = [] {
    auto made = installed() ? std::make_unique<PostgresServer>() : nullptr;
    return made && made->start() ? std::move(made) : nullptr;
  }();
  return server.get();
}

PostgresServer::PostgresServer() {
  char name[] = "/tmp/vcommerce-pg-XXXXXX";
  folder_ = mkdtemp(name);
  if (geteuid() == 0) EXPECT_EQ(chown(folder_.c_str(), kNobody, kNobody), 0);
  const pid_t made = spawned({find_program("initdb"), "--pgdata=" + folder_ + "/data", "--username=shop",
                              "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"});
  int status = 0;
  EXPECT_TRUE(made > 0 && waitpid(made, &status, 0) == made && status == 0) << "initdb";
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code failed;
  std::filesystem::remove_all(folder_, failed);
}

bool PostgresServer::start() {
  process_ = spawned({find_program("postgres"), "-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=", "-c",
                      "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=40", "-c", "autovacuum=off"});
  const auto give_up = std::chrono::steady_clock::now() + kStartMax;
  while (process_ > 0 && std::chrono::steady_clock::now() < give_up) {
    if (executes(url(), "SELECT 1")) return true;
    if (waitpid(process_, nullptr, WNOHANG) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << "postgres did not start in " << folder_;
  return false;
}

void PostgresServer::stop() {
  if (process_ <= 0) return;
  kill(process_, SIGCONT);
  kill(process_, SIGQUIT);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

// The children that serve the connections; the first process only makes them.
void PostgresServer::freeze() {
  kill(process_, SIGSTOP);
  for (const std::string& child : children()) kill(std::stoi(child), SIGSTOP);
}
void PostgresServer::thaw() {
  for (const std::string& child : children()) kill(std::stoi(child), SIGCONT);
  kill(process_, SIGCONT);
}

std::vector<std::string> PostgresServer::children() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/task/" + std::to_string(process_) + "/children");
  std::vector<std::string> all;
  for (std::string one; file >> one;) all.push_back(one);
  return all;
}

std::string PostgresServer::url() const { return "postgresql://shop@/postgres?host=" + folder_; }

void PostgresServer::clear() {
  EXPECT_TRUE(executes(url(), "SET client_min_messages = warning; DROP SCHEMA IF EXISTS vcommerce CASCADE"));
}

}  // namespace vcommerce::catalogue
