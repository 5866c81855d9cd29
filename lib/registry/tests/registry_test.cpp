#include "connection.h"
#include "migrations.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include <godseye/base/temp_dir.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/group_states.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/webhooks.h>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godseye::registry {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;

std::unique_ptr<Registry> open_or_fail(const base::TempDir& dir) {
  base::Result<std::unique_ptr<Registry>> registry = Registry::open({.path = dir.file("registry.sqlite")});
  if (!registry) {
    ADD_FAILURE() << registry.error().message();
    return nullptr;
  }
  return *std::move(registry);
}

size_t count_monitors(const Registry& registry) {
  return registry.fetch<std::vector<MonitorRow>>([](ReadSession& s) { return list_monitors(s); })->size();
}

TEST(Registry, KeepsWhatWasWrittenOverAReopen) {
  base::TempDir dir;
  {
    auto registry = open_or_fail(dir);
    ASSERT_TRUE(registry->write([](WriteSession& s) -> Status {
      return create_monitor(s, R"({"name":"a"})", "", 100).transform([](MonitorRow) { return base::Ok{}; });
    }));
  }
  auto registry = open_or_fail(dir);
  EXPECT_EQ(count_monitors(*registry), 1U);
}

TEST(Registry, RollsBackEverythingWhenTheFunctionFails) {
  base::TempDir dir;
  auto registry = open_or_fail(dir);
  Status status = registry->write([](WriteSession& s) -> Status {
    EXPECT_TRUE(create_monitor(s, "{}", "", 1));
    EXPECT_TRUE(create_monitor(s, "{}", "", 1));
    return Error(ErrorCode::kInvalidArgument, "changed my mind");
  });
  EXPECT_EQ(status.error().message(), "changed my mind");
  EXPECT_EQ(count_monitors(*registry), 0U);
  EXPECT_EQ(registry->stats().writes_failed, 1U);
}

TEST(Registry, TurnsAThrowIntoAnErrorAndARollback) {
  base::TempDir dir;
  auto registry = open_or_fail(dir);
  Status status = registry->write([](WriteSession& s) -> Status {
    EXPECT_TRUE(create_monitor(s, "{}", "", 1));
    throw std::runtime_error("oops");
  });
  EXPECT_EQ(status.error().code(), ErrorCode::kInternal);
  EXPECT_EQ(count_monitors(*registry), 0U);
}

TEST(Registry, RefusesWritesBeyondItsQueueAtOnce) {
  base::TempDir dir;
  base::Result<std::unique_ptr<Registry>> opened =
      Registry::open({.path = dir.file("registry.sqlite"), .writes_waiting_max = 1});
  ASSERT_TRUE(opened);
  Registry& registry = **opened;
  std::atomic<bool> running = false;
  std::atomic<bool> release = false;
  std::thread slow([&] {
    EXPECT_TRUE(registry.write([&](WriteSession&) -> Status {
      running = true;
      while (!release) std::this_thread::yield();
      return base::ok();
    }));
  });
  while (!running) std::this_thread::yield();
  std::thread waiting([&] { EXPECT_TRUE(registry.write([](WriteSession&) { return base::ok(); })); });
  while (registry.stats().writes_waiting == 0) std::this_thread::yield();
  EXPECT_EQ(registry.write([](WriteSession&) { return base::ok(); }).error().code(), ErrorCode::kQueueFull);
  release = true;
  slow.join();
  waiting.join();
  EXPECT_EQ(registry.stats().writes_refused, 1U);
}

TEST(Registry, ReadersSeeASnapshotAndDoNotWaitForTheWriter) {
  base::TempDir dir;
  auto registry = open_or_fail(dir);
  ASSERT_TRUE(registry->write([&](WriteSession& s) -> Status {
    EXPECT_TRUE(create_monitor(s, "{}", "", 1));
    // Uncommitted: a reader in another thread sees none of it, and answers at once.
    std::thread([&] { EXPECT_EQ(count_monitors(*registry), 0U); }).join();
    return base::ok();
  }));
  EXPECT_EQ(count_monitors(*registry), 1U);
}

TEST(Registry, ManyThreadsReadAndWrite) {
  base::TempDir dir;
  base::Result<std::unique_ptr<Registry>> opened =
      Registry::open({.path = dir.file("registry.sqlite"), .sync = Sync::kNormal, .readers_max = 2});
  ASSERT_TRUE(opened);
  Registry& registry = **opened;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_TRUE(registry.write([](WriteSession& s) -> Status {
          return create_monitor(s, "{}", "", 1).transform([](MonitorRow) { return base::Ok{}; });
        }));
        EXPECT_GE(count_monitors(registry), 1U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count_monitors(registry), 100U);
}

TEST(Registry, AFileOfTheFirstSchemaIsBroughtUpWithItsRows) {
  base::TempDir dir;
  {
    auto old = *Connection::open(dir.file("registry.sqlite"), sqlite::Options{});
    ASSERT_TRUE(migrate_to(*old, 1));
    ASSERT_TRUE(
        old->execute("INSERT INTO group_states VALUES (7, 'host:a', 2, 1, 0, 1, 1, 1, 0, 0, 5, 0.5);"
                     "INSERT INTO webhooks VALUES ('ops', 'http://x', '{\"a\":\"$ID\"}', NULL, 'form');"
                     "INSERT INTO deliveries VALUES (3, 4, 'e4', 'ops', 'http://x', '{}', 'text/plain', 'b', '', 0, 1, "
                     "9, 1, 0, 0, '')"));
  }
  auto registry = open_or_fail(dir);
  GroupStateRow row;
  const auto rows = [&] {
    return *registry->fetch<std::vector<GroupStateRow>>([](ReadSession& s) { return list_group_states(s, 7); });
  };
  ASSERT_EQ(rows().size(), 1U);
  row = rows()[0];
  EXPECT_EQ(row.renotified, 0);
  row.renotified = 3;
  ASSERT_TRUE(registry->write([&](WriteSession& s) { return put_group_state(s, row); }));
  EXPECT_EQ(rows()[0].renotified, 3);
  const auto webhook =
      **registry->fetch<std::optional<WebhookRow>>([](ReadSession& s) { return find_webhook(s, "ops"); });
  EXPECT_EQ(webhook.payload, R"({"a":"$ID"})");
  EXPECT_EQ(webhook.custom_headers, std::nullopt);
  EXPECT_EQ(webhook.encode_as, "form");
  const auto owed = *registry->fetch<std::vector<DeliveryRow>>(
      [](ReadSession& s) { return due_deliveries(s, {"webhook", "ops"}, 10, 10); });
  ASSERT_EQ(owed.size(), 1U) << "what was owed before is owed still";
  EXPECT_EQ(owed[0].event_id, "e4");
}

TEST(Registry, RefusesAFileOfANewerVersion) {
  base::TempDir dir;
  open_or_fail(dir).reset();
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(dir.file("registry.sqlite").c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw, "PRAGMA user_version = 999", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(raw);
  base::Result<std::unique_ptr<Registry>> registry = Registry::open({.path = dir.file("registry.sqlite")});
  ASSERT_FALSE(registry);
  EXPECT_NE(registry.error().message().find("newer godseye (schema 999"), std::string::npos)
      << registry.error().message();
}

TEST(Registry, RefusesAnotherProgramsFile) {
  base::TempDir dir;
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(dir.file("registry.sqlite").c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(raw, "CREATE TABLE bookmarks(a)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(raw);
  base::Result<std::unique_ptr<Registry>> registry = Registry::open({.path = dir.file("registry.sqlite")});
  ASSERT_FALSE(registry);
  EXPECT_NE(registry.error().message().find("another program"), std::string::npos);
}

TEST(Registry, SaysThatAFileIsDamaged) {
  base::TempDir dir;
  std::ofstream(dir.file("registry.sqlite")) << std::string(8192, 'x');
  base::Result<std::unique_ptr<Registry>> garbage = Registry::open({.path = dir.file("registry.sqlite")});
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code(), ErrorCode::kCorrupt) << garbage.error().message();

  base::TempDir other;
  {
    auto registry = open_or_fail(other);
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(registry->write([](WriteSession& s) -> Status {
        return create_monitor(s, std::string(2000, 'm'), "", 1).transform([](MonitorRow) { return base::Ok{}; });
      }));
    }
  }
  std::fstream file(other.file("registry.sqlite"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(8192, '\xff');
  file.close();
  base::Result<std::unique_ptr<Registry>> damaged = Registry::open({.path = other.file("registry.sqlite")});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), ErrorCode::kCorrupt) << damaged.error().message();
}

TEST(Registry, NamesTheFileItCannotOpen) {
  base::Result<std::unique_ptr<Registry>> registry = Registry::open({.path = "/nonexistent-directory/registry"});
  ASSERT_FALSE(registry);
  EXPECT_EQ(registry.error().code(), ErrorCode::kIo);
  EXPECT_NE(registry.error().message().find("/nonexistent-directory/registry"), std::string::npos);
}

// Each committed write is reported through a pipe; after SIGKILL at a random point, every reported one is there and no
// write is there by half (each makes two rows).
TEST(Registry, SurvivesKillNineWithWholeTransactions) {
  base::TempDir dir;
  open_or_fail(dir).reset();
  int reported = 0;
  unsigned seed = 20240817;
  printf("seed %u\n", seed);
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      base::Result<std::unique_ptr<Registry>> registry = Registry::open({.path = dir.file("registry.sqlite")});
      if (!registry) _exit(3);
      for (;;) {
        Status status = (*registry)->write([](WriteSession& s) -> Status {
          if (!create_monitor(s, "{}", "", 1)) return Error(ErrorCode::kInternal, "first");
          if (!create_monitor(s, "{}", "", 1)) return Error(ErrorCode::kInternal, "second");
          return base::ok();
        });
        if (!status || ::write(pipe_ends[1], "x", 1) != 1) _exit(4);
      }
    }
    close(pipe_ends[1]);
    const int until = 1 + rand_r(&seed) % 40;
    char byte = 0;
    for (int i = 0; i < until && ::read(pipe_ends[0], &byte, 1) == 1; ++i) ++reported;
    kill(child, SIGKILL);
    while (::read(pipe_ends[0], &byte, 1) == 1) ++reported;
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "child ended by itself";
    auto registry = open_or_fail(dir);
    ASSERT_TRUE(registry);
    const size_t rows = count_monitors(*registry);
    EXPECT_EQ(rows % 2, 0U);
    EXPECT_GE(rows, static_cast<size_t>(reported) * 2);
    // At most the one that was committed and not yet reported, a round.
    EXPECT_LE(rows, static_cast<size_t>(reported) * 2 + 2 * (static_cast<size_t>(round) + 1));
  }
}

TEST(Uuid, HasTheShapeOfVersionFour) {
  const std::string uuid = new_uuid();
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_EQ(uuid[8], '-');
  EXPECT_NE(uuid, new_uuid());
}

}  // namespace
}  // namespace godseye::registry
