// Kills the writing process and the engine at random moments under load, again and again, and then counts: every
// acknowledged batch is stored exactly once, no batch is stored twice or in part.
//   build/dev/tests/store_kill_test [KILLS [SEED]]
#include "fakes/batches.h"
#include "fakes/kill_plan.h"
#include "fakes/real_engine.h"
#include "fakes/spans.h"

#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <godseye/store/store.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace godseye::store {
namespace {

using namespace std::chrono_literals;

struct Plan {
  uint64_t kills = 200;
  uint64_t seed = std::random_device{}();
};
Plan plan;

// The killed program, and what it said.
class WriterProcess {
 public:
  WriterProcess(const std::string& data_dir, uint64_t first_number, uint64_t seed) {
    int in[2];
    int out[2];
    EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (data_dir + "/writer.log").c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    const std::string self =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().string() + "/store_kill_writer";
    const std::string first = std::to_string(first_number);
    const std::string seed_text = std::to_string(seed);
    const std::string program = testing::store_program();
    const char* argv[] = {self.c_str(), data_dir.c_str(), program.c_str(), first.c_str(), seed_text.c_str(), nullptr};
    EXPECT_EQ(::posix_spawn(&id_, self.c_str(), &actions, nullptr, const_cast<char**>(argv), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    output_ = out[0];
  }
  ~WriterProcess() {
    kill();
    ::close(input_);
    ::close(output_);
  }
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;

  // Listens for `duration`.
  void listen(std::chrono::milliseconds duration) {
    const auto until = std::chrono::steady_clock::now() + duration;
    while (read_some(std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()))) {
    }
  }
  void kill() {
    if (id_ < 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
    id_ = -1;
    // What it wrote before it died is still in the pipe.
    while (read_some(0ms)) {
    }
  }
  bool kill_engine() {
    if (engine_ <= 0) return false;
    // Its parent may be reaping it right now; a number that is nobody's is fine, it is ours until reaped.
    return ::kill(static_cast<pid_t>(engine_), SIGKILL) == 0;
  }
  const std::set<uint64_t>& acknowledged() const { return acknowledged_; }
  const std::set<uint64_t>& spans_acknowledged() const { return spans_acknowledged_; }

 private:
  bool read_some(std::chrono::milliseconds wait) {
    pollfd ready{output_, POLLIN, 0};
    if (::poll(&ready, 1, std::max<int>(0, static_cast<int>(wait.count()))) <= 0) return false;
    char buffer[4096];
    const ssize_t size = ::read(output_, buffer, sizeof buffer);
    if (size <= 0) return false;
    text_.append(buffer, static_cast<size_t>(size));
    for (size_t end = 0; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1)) {
      std::istringstream line(text_.substr(0, end));
      std::string word;
      uint64_t value = 0;
      line >> word >> value;
      if (word == "ack") acknowledged_.insert(value);
      if (word == "spans") spans_acknowledged_.insert(value);
      if (word == "engine") engine_ = value;
    }
    return true;
  }

  pid_t id_ = -1;
  int input_ = -1;
  int output_ = -1;
  uint64_t engine_ = 0;
  std::string text_;
  std::set<uint64_t> acknowledged_;
  std::set<uint64_t> spans_acknowledged_;
};

std::map<uint64_t, uint64_t> counts(Store& store, const std::string& sql) {
  std::map<uint64_t, uint64_t> found;
  const base::Result<Rows> rows = store.engine().select(sql);
  EXPECT_TRUE(rows) << rows.error().message();
  for (size_t i = 0; rows && i < rows->row_count(); ++i) found[rows->column(0).u64(i)] = rows->column(1).u64(i);
  return found;
}

// Batches of spans: whole, once, in every table; and their money is the money of the metric.
void check_spans(Store& store, const std::set<uint64_t>& acknowledged) {
  auto spans = counts(store, "SELECT trace_id_low, count() FROM spans GROUP BY trace_id_low");
  auto ids = counts(store, "SELECT trace_id_low, uniqExact(span_id) FROM spans GROUP BY trace_id_low");
  auto llm = counts(store, "SELECT trace_id_low, count() FROM llm_spans GROUP BY trace_id_low");
  auto costs = counts(store,
                      "SELECT toUInt64(substring(session_id, 9)) AS n, count() FROM points "
                      "WHERE metric = 'llm.cost.usd' GROUP BY n");
  auto evaluations =
      counts(store, "SELECT intDiv(toUInt64(span_id), 1000000) AS n, count() FROM evaluations GROUP BY n");
  for (const auto& [n, count] : spans) {
    EXPECT_EQ(count, testing::spans_of(n)) << "spans of batch " << n << " are stored in part or twice";
    EXPECT_EQ(ids[n], count) << n;
    EXPECT_EQ(llm[n], 1U) << "LLM span of batch " << n;
    EXPECT_EQ(costs[n], 1U) << "derived from batch " << n;
    // A record of its own: a write cut between them was not acknowledged.
    EXPECT_LE(evaluations[n], 1U) << "evaluation of batch " << n << " is stored twice";
  }
  for (const uint64_t n : acknowledged) {
    EXPECT_TRUE(spans.contains(n)) << "acknowledged spans of batch " << n << " are lost";
    EXPECT_EQ(evaluations[n], 1U) << "evaluation of acknowledged batch " << n;
  }
  EXPECT_EQ(llm.size(), spans.size());
  EXPECT_EQ(costs.size(), spans.size());
  const base::Result<Rows> sums = store.engine().select(
      "SELECT (SELECT sum(toDecimal128(value, 12)) FROM points WHERE metric = 'llm.cost.usd') = "
      "(SELECT sum(toDecimal128(cost_usd, 12)) FROM llm_spans), (SELECT sum(count) FROM sketches WHERE metric = "
      "'trace.duration') = (SELECT count() FROM spans)");
  ASSERT_TRUE(sums) << sums.error().message();
  EXPECT_EQ(sums->column(0).u64(0), 1U) << "the sum of llm.cost.usd is not the sum over the stored spans";
  EXPECT_EQ(sums->column(1).u64(0), 1U) << "spans measured and spans stored differ";
  EXPECT_FALSE(acknowledged.empty());
}

// Hours were rolled up, and rolled up again for late points, all the while: each point counts once in each table.
void check_rollups(Store& store) {
  ASSERT_TRUE(store.roll_up());
  for (const std::string level : {"_1m", "_5m", "_1h", "_1d"}) {
    const base::Result<Rows> same = store.engine().select(
        "SELECT (SELECT (sum(n), sum(sum), min(min), max(max)) FROM points" + level +
        " FINAL WHERE metric = 'test.gauge') = (SELECT (count(), sum(value), min(value), max(value)) FROM points WHERE "
        "metric = 'test.gauge'), (SELECT (sum(count), sum(arraySum(counts))) FROM sketches" +
        level + " FINAL) = (SELECT (sum(count), sum(arraySum(counts))) FROM sketches)");
    ASSERT_TRUE(same) << same.error().message();
    EXPECT_EQ(same->column(0).u64(0), 1U) << "points" << level << " and points differ";
    EXPECT_EQ(same->column(1).u64(0), 1U) << "sketches" << level << " and sketches differ";
  }
  std::printf("%llu hours and %llu days rolled up at the end\n",
              static_cast<unsigned long long>(store.stats().hours_rolled),
              static_cast<unsigned long long>(store.stats().days_rolled));
}

TEST(Kill, NothingAcknowledgedIsLostAndNothingDoubled) {
  GE_NEEDS_ENGINE();
  const auto [kills, seed] = plan;
  std::printf("kills %llu seed %llu\n", static_cast<unsigned long long>(kills), static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const testing::TempDir directory;
  std::set<uint64_t> acknowledged;
  std::set<uint64_t> spans_acknowledged;
  uint64_t number = 1;
  uint64_t engine_kills = 0;
  for (uint64_t killed = 0; killed < kills;) {
    WriterProcess writer(directory.path(), number, random());
    // Short lives die while the engine starts or replays, longer ones in the middle of the load; sometimes the engine
    // dies first, once or twice, and the writer must go on.
    writer.listen(std::chrono::milliseconds(random() % 500));
    for (uint64_t again = random() % 3; again > 0 && killed < kills; --again) {
      if (!writer.kill_engine()) break;
      ++killed;
      ++engine_kills;
      writer.listen(std::chrono::milliseconds(random() % 300));
    }
    writer.kill();
    ++killed;
    acknowledged.insert(writer.acknowledged().begin(), writer.acknowledged().end());
    spans_acknowledged.insert(writer.spans_acknowledged().begin(), writer.spans_acknowledged().end());
    // Numbers are never used twice: past everything that this life can have written, also where it died before it
    // could say so.
    const auto newest = [](const std::set<uint64_t>& numbers) { return numbers.empty() ? 0 : *numbers.rbegin(); };
    number = std::max({number, newest(acknowledged), newest(spans_acknowledged)}) + 1000;
  }

  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  config.retention_days = 3650;
  config.insert_settings = testing::replay_settings(1);
  config.derive = testing::derive;
  auto store = Store::open(config, base::system_clock());
  ASSERT_TRUE(store) << store.error().message();
  const auto deadline = std::chrono::steady_clock::now() + 600s;  // the machine may be busy
  ASSERT_TRUE((*store)->wait_ready(deadline));
  const uint64_t replayed = (*store)->stats().journal.segments_closed;
  const base::Status stored = (*store)->wait_stored((*store)->rotate(), deadline);
  ASSERT_TRUE(stored) << stored.error().message();
  const StoreStats stats = (*store)->stats();
  EXPECT_EQ(stats.quarantine_files, 0U) << stats.quarantine_last_reason;
  EXPECT_EQ(stats.journal.segments_closed, 0U);

  auto points =
      counts(**store, "SELECT toUInt64(value) AS n, count() FROM points WHERE metric = 'test.gauge' GROUP BY n");
  auto sketches = counts(**store,
                         "SELECT toUInt64(substring(session_id, 9)) AS n, count() FROM sketches "
                         "WHERE metric = 'test.latency' GROUP BY n");
  uint64_t unacknowledged = 0;
  for (const auto& [n, count] : points) {
    EXPECT_EQ(count, testing::points_of(n)) << "batch " << n << " is stored in part or twice";
    // Points and sketches are two records: a write cut between them was not acknowledged.
    EXPECT_LE(sketches[n], 1U) << "sketch of batch " << n << " is stored twice";
    unacknowledged += acknowledged.contains(n) ? 0 : 1;
  }
  for (const uint64_t n : acknowledged) {
    EXPECT_TRUE(points.contains(n)) << "acknowledged batch " << n << " is lost";
    EXPECT_EQ(sketches[n], 1U) << "sketch of acknowledged batch " << n;
  }
  std::printf(
      "%llu kills (%llu of the engine), %zu batches of metrics and %zu of spans acknowledged, %zu stored (%llu never "
      "acknowledged), %llu segments "
      "replayed at the end\n",
      static_cast<unsigned long long>(kills), static_cast<unsigned long long>(engine_kills), acknowledged.size(),
      spans_acknowledged.size(), points.size(), static_cast<unsigned long long>(unacknowledged),
      static_cast<unsigned long long>(replayed));
  EXPECT_FALSE(acknowledged.empty());
  check_spans(**store, spans_acknowledged);
  check_rollups(**store);
}

}  // namespace
}  // namespace godseye::store

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1) godseye::store::plan.kills = std::strtoull(argv[1], nullptr, 10);
  if (argc > 2) godseye::store::plan.seed = std::strtoull(argv[2], nullptr, 10);
  return RUN_ALL_TESTS();
}
