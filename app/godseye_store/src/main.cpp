// godseye-store: the embedded ClickHouse engine in a process of its own, behind ClickHouse's HTTP interface on a Unix
// socket. `godseye serve` starts it and starts it again; a person can run it alone and ask it with
//   curl --unix-socket D/engine.sock 'http://engine/?query=SELECT+1'
// It ends when its parent does (--parent), and on SIGTERM or SIGINT closes every connection first. Exit codes: 0 asked
// to end, 2 cannot start (one line on standard error says why).
#include "clickhouse_http.h"
#include "engine_library.h"
#include "engine_pool.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include <godseye/base/log.h>
#include <godseye/base/scheduling.h>
#include <godseye/net/http_server.h>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using namespace godseye;
using namespace std::chrono_literals;

constexpr size_t kReaders = 4;
constexpr size_t kWriters = 2;
constexpr size_t kWaitingMax = 8;
constexpr size_t kBodyBytesMax = 256u << 20;
constexpr auto kPurgeAfterIdle = 3s;
constexpr auto kLockWait = 30s;
constexpr auto kEndWithin = 4s;  // after the signal to end

struct Options {
  std::string data_dir;
  std::string socket;
  std::string engine;
  std::string log_level = "info";
  uint64_t memory_bytes = 600ull << 20;
  int parent = 0;
  int nice_steps = 0;
  bool find_engine = false;
};

int fail(const std::string& text) {
  std::fprintf(stderr, "godseye-store: %s\n", text.c_str());
  return 2;
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

// The engine's server settings come from a file. Caches are small: the data of one machine's telemetry is read from the
// page cache, and its defaults (5 GB of marks) are meant for a machine of its own.
// BACKUP and RESTORE reach one directory beside the data and no other.
bool write_engine_config(const std::string& data_dir, const std::string& path, uint64_t memory_bytes) {
  std::ofstream out(path, std::ios::trunc);
  out << "<clickhouse>\n"
      << "  <max_server_memory_usage>" << memory_bytes << "</max_server_memory_usage>\n"
      << "  <mark_cache_size>16777216</mark_cache_size>\n"
      << "  <primary_index_cache_size>16777216</primary_index_cache_size>\n"
      << "  <index_mark_cache_size>1048576</index_mark_cache_size>\n"
      << "  <uncompressed_cache_size>0</uncompressed_cache_size>\n"
      << "  <query_condition_cache_size>1048576</query_condition_cache_size>\n"
      << "  <background_pool_size>2</background_pool_size>\n"
      << "  <os_threads_nice_value_merge_mutate>10</os_threads_nice_value_merge_mutate>\n"
      << "  <max_concurrent_queries>32</max_concurrent_queries>\n"
      << "  <backups><allowed_path>" << xml_text(std::filesystem::absolute(data_dir).string())
      << "/backups</allowed_path></backups>\n"
      << "</clickhouse>\n";
  return static_cast<bool>(out.flush());
}

// One engine per directory: a new process waits until the old one, which may still be closing, is gone.
bool lock_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const auto deadline = std::chrono::steady_clock::now() + kLockWait;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;  // held until the process ends
}

base::Result<std::string> find_engine(const Options& options) {
  std::error_code error;
  const char* environment = std::getenv("GODSEYE_ENGINE");
  const char* home = std::getenv("HOME");
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return engine::EngineLibrary::find(options.engine, environment == nullptr ? "" : environment,
                                     self.parent_path().string(), home == nullptr ? "" : home);
}

// --find-engine: says where the engine is and that it loads, for `doctor` and for tests.
int report_engine(const Options& options) {
  const auto found = find_engine(options);
  if (!found) return fail(found.error().message());
  const auto library = engine::EngineLibrary::load(*found);
  if (!library) return fail(library.error().message());
  std::printf("%s\n", found->c_str());
  return 0;
}

engine::EngineSession::Settings base_settings(uint64_t memory_bytes) {
  return {{"async_insert", "0"},
          {"log_queries", "0"},
          {"max_memory_usage", std::to_string(memory_bytes / 4 * 3)},
          {"max_bytes_before_external_group_by", std::to_string(memory_bytes / 3)},
          {"max_bytes_before_external_sort", std::to_string(memory_bytes / 3)},
          {"max_threads", std::to_string(std::max(1u, std::thread::hardware_concurrency()))}};
}

// Waits for a signal to end or for the parent's death; between, gives memory back that the engine no longer uses.
void wait_for_end(const sigset_t& signals, int parent, engine::EnginePool& pool) {
  uint64_t leased_before = pool.leased();
  uint64_t purged_at = 0;
  auto last_work = std::chrono::steady_clock::now();
  while (true) {
    const timespec second{1, 0};
    if (::sigtimedwait(&signals, nullptr, &second) > 0) return;
    if (parent != 0 && ::getppid() != parent) return;
    const uint64_t leased = pool.leased();
    const auto now = std::chrono::steady_clock::now();
    if (leased != leased_before || pool.running() > 0) {
      leased_before = leased;
      last_work = now;
    } else if (now - last_work >= kPurgeAfterIdle && purged_at != leased) {
      engine::Answer answer;
      engine::EngineFailure failure;
      if (auto session = pool.lease(engine::EnginePool::Kind::kRead, now)) {
        session->run("SYSTEM JEMALLOC PURGE", "Null", {}, {}, {}, answer, failure);
      }
      purged_at = leased_before = pool.leased();
    }
  }
}

int serve(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: the engine's inherit it
  base::give_way(options.nice_steps);               // likewise: no thread of the engine holds up one that just woke
  if (options.parent != 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != options.parent) return fail("the parent process is gone");
  }
  std::error_code error;
  std::filesystem::create_directories(options.data_dir, error);
  if (error) return fail("cannot create " + options.data_dir + ": " + error.message());
  if (!lock_directory(options.data_dir + "/engine.lock")) {
    return fail(options.data_dir + " is used by another godseye-store, or is not writable");
  }
  const std::string config = options.data_dir + "/engine.xml";
  if (!write_engine_config(options.data_dir, config, options.memory_bytes)) return fail("cannot write " + config);

  const auto found = find_engine(options);
  if (!found) return fail(found.error().message());
  const auto library = engine::EngineLibrary::load(*found);
  if (!library) return fail(library.error().message());

  std::vector<std::unique_ptr<engine::EngineSession>> sessions[2];
  for (size_t i = 0; i < kReaders + kWriters; ++i) {
    auto connection = (*library)->connect({"--path=" + options.data_dir, "--config-file=" + config});
    if (!connection) return fail(connection.error().message() + ": " + options.data_dir);
    sessions[i < kReaders ? 0 : 1].push_back(
        std::make_unique<engine::EngineSession>(*std::move(connection), base_settings(options.memory_bytes)));
  }
  engine::EnginePool pool(std::move(sessions[0]), std::move(sessions[1]), kWaitingMax);
  engine::ClickhouseHttp http(pool, {});

  auto address = net::parse_listen_address("unix:" + options.socket);
  if (!address) return fail(address.error().message());
  net::HttpServerConfig config_http{.address = *address};
  config_http.workers = kReaders + kWriters + kWaitingMax;
  config_http.thread_name = "ch";
  config_http.connections_max = 64;
  config_http.queue_max = 32;
  config_http.header_bytes_max = 1u << 20;  // statements travel in the request line
  config_http.body_bytes_max = kBodyBytesMax;
  config_http.bodies_bytes_max = kBodyBytesMax;
  config_http.response_gzip_bytes_min = 0;
  auto server =
      net::HttpServer::start(config_http, [&http](const net::HttpRequest& request) { return http.handle(request); });
  if (!server) return fail(server.error().message());
  std::printf("listening socket=%s\n", options.socket.c_str());
  std::fflush(stdout);
  wait_for_end(signals, options.parent, pool);
  // A long statement would hold everything up, and whoever starts the next engine waits for our lock. What is cut off
  // here is inserted again by its token.
  std::thread([] {
    std::this_thread::sleep_for(kEndWithin);
    ::_exit(0);
  }).detach();
  (*server)->stop(2s);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("The embedded ClickHouse engine behind ClickHouse's HTTP interface on a Unix socket.", "godseye-store");
  app.set_version_flag("--version", GE_VERSION);
  app.add_option("--data-dir", options.data_dir, "Directory of the engine's data; one process at a time");
  app.add_option("--socket", options.socket, "Unix socket to listen on");
  app.add_option("--engine", options.engine,
                 "Path of libchdb.so (default: GODSEYE_ENGINE, ../lib beside this program, "
                 "~/.cache/godseye/engine)");
  app.add_option("--memory-bytes", options.memory_bytes, "Limit of the engine's memory")->capture_default_str();
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")->capture_default_str();
  app.add_option("--parent", options.parent, "End when the process of this id is no longer the parent");
  app.add_option("--nice", options.nice_steps, "Steps (0 to 19) by which the engine gives way to whoever started it")
      ->check(CLI::Range(0, 19));
  app.add_flag("--find-engine", options.find_engine, "Print the path of the engine that would be used, and end");
  app.footer(
      "Example: godseye-store --data-dir /tmp/d --socket /tmp/d.sock\n"
      "         curl --unix-socket /tmp/d.sock 'http://engine/?query=SELECT+version()'");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  base::init_log("godseye-store", options.log_level);
  if (options.find_engine) return report_engine(options);
  if (options.data_dir.empty() || options.socket.empty())
    return fail("--data-dir and --socket are required; see --help");
  return serve(options);
}
