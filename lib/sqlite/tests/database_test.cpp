#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <godseye/sqlite/database.h>

#include <gtest/gtest.h>

namespace godseye::sqlite {
namespace {

using base::ErrorCode;

constexpr char kSchema[] = "CREATE TABLE IF NOT EXISTS t(a TEXT PRIMARY KEY, b INTEGER)";

// A file that is gone before and after the test.
class File {
 public:
  explicit File(const std::string& name) : path_(testing::TempDir() + name) { remove(); }
  ~File() { remove(); }
  const std::string& path() const { return path_; }

 private:
  void remove() {
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + ending);
  }
  const std::string path_;
};

std::unique_ptr<Database> open_or_fail(const std::string& path, const char* schema = kSchema) {
  auto database = Database::open(path, schema);
  EXPECT_TRUE(database) << (database ? "" : database.error().message());
  return database ? *std::move(database) : nullptr;
}

base::Status insert(Database& database, std::string_view a, int64_t b) {
  return Statement(database, "INSERT INTO t VALUES(?, ?)").bind(a).bind(b).run();
}

TEST(SqliteDatabase, KeepsWhatWasCommittedAndForgetsTheRest) {
  const File file("sqlite_keeps.sqlite");
  {
    const auto database = open_or_fail(file.path());
    {
      Transaction kept(*database);
      ASSERT_TRUE(kept.status());
      ASSERT_TRUE(insert(*database, "x", 7));
      ASSERT_TRUE(kept.commit());
    }
    Transaction dropped(*database);
    ASSERT_TRUE(insert(*database, "y", 8));
  }
  const auto database = open_or_fail(file.path());
  Statement select(*database, "SELECT a, b FROM t");
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.text(0), "x");
  EXPECT_EQ(select.integer(1), 7);
  EXPECT_FALSE(select.step());
  EXPECT_TRUE(select.status());
}

TEST(SqliteDatabase, ReadsBackWhatWasBound) {
  const auto database = open_or_fail(":memory:", "CREATE TABLE v(i, r, n, t, e, o, z)");
  const std::string with_zero("a\0b", 3);
  Statement write(*database, "INSERT INTO v VALUES(?, ?, ?, ?, ?, ?, ?)");
  write.bind(std::numeric_limits<int64_t>::min()).bind(0.5).bind(std::nan("")).bind(with_zero).bind(std::string_view());
  ASSERT_TRUE(write.bind(std::optional<std::string>()).bind_blob(with_zero).run());
  Statement read(*database, "SELECT * FROM v");
  ASSERT_TRUE(read.step());
  EXPECT_EQ(read.columns(), 7);
  EXPECT_EQ(read.integer(0), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(read.real(1), 0.5);
  EXPECT_TRUE(std::isnan(read.real(2)));
  EXPECT_EQ(read.text(3), with_zero);
  EXPECT_FALSE(read.is_null(4)) << "an empty text is not NULL";
  EXPECT_EQ(read.optional_text(5), std::nullopt);
  EXPECT_EQ(read.text(6), with_zero);
}

TEST(SqliteDatabase, SaysWhatIsWrong) {
  const auto nowhere = Database::open("/nowhere/at/all.sqlite", "");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code(), ErrorCode::kIo);
  EXPECT_NE(nowhere.error().message().find("/nowhere/at/all.sqlite"), std::string::npos);

  const File file("sqlite_wrong.sqlite");
  std::ofstream(file.path()) << std::string(5000, 'x');
  EXPECT_EQ(Database::open(file.path(), kSchema).error().code(), ErrorCode::kCorrupt);
  EXPECT_EQ(Database::open(file.path() + ".missing", Options{.access = Access::kReadOnly}).error().code(),
            ErrorCode::kIo);

  const auto database = open_or_fail(":memory:");
  ASSERT_TRUE(insert(*database, "x", 1));
  EXPECT_EQ(insert(*database, "x", 2).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(insert(*database, std::string(size_t{16} << 20, 'x'), 2).error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(Statement(*database, "SELECT nothing FROM nowhere").run().error().code(), ErrorCode::kInternal);
  Statement wrong(*database, "SELEKT");
  EXPECT_FALSE(wrong.bind(1).bind("x").step()) << "calls after the first error do nothing";
  EXPECT_FALSE(wrong.status());
  EXPECT_EQ(*database->integer("SELECT count(*) FROM t WHERE a = 'none'"), 0);
}

TEST(SqliteDatabase, WaitsForALockAsLongAsItWasTold) {
  const File file("sqlite_busy.sqlite");
  const auto one = open_or_fail(file.path());
  const auto two = *Database::open(file.path(), Options{.busy_timeout = std::chrono::milliseconds(1)});
  Transaction holds(*one);
  ASSERT_TRUE(holds.status());
  Transaction waits(*two);
  ASSERT_FALSE(waits.status());
  EXPECT_EQ(waits.status().error().code(), ErrorCode::kUnavailable);
  ASSERT_TRUE(insert(*one, "x", 1));
  EXPECT_EQ(*two->integer("SELECT count(*) FROM t"), 0) << "who only reads does not wait";
  ASSERT_TRUE(holds.commit());
  EXPECT_EQ(*two->integer("SELECT count(*) FROM t"), 1);
}

TEST(SqliteDatabase, ReadTransactionSeesOneMoment) {
  const File file("sqlite_moment.sqlite");
  const auto writer = open_or_fail(file.path());
  const auto reader = *Database::open(file.path(), Options{.access = Access::kReadOnly});
  Transaction moment(*reader, Transaction::Kind::kRead);
  ASSERT_TRUE(moment.status());
  EXPECT_EQ(*reader->integer("SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(insert(*writer, "x", 1));
  EXPECT_EQ(*reader->integer("SELECT count(*) FROM t"), 0);
  EXPECT_EQ(insert(*reader, "y", 1).error().code(), ErrorCode::kIo) << "it may not write";
}

TEST(SqliteDatabase, OpeningWithOptionsLeavesTheFileAlone) {
  const File file("sqlite_alone.sqlite");
  const auto database = *Database::open(file.path(), Options{});
  ASSERT_TRUE(database->execute(kSchema));
  const auto mode = [&] {
    Statement pragma(*database, "PRAGMA journal_mode");
    return pragma.step() ? pragma.text(0) : "";
  };
  EXPECT_EQ(mode(), "delete");
  ASSERT_TRUE(database->apply({.sync = Sync::kProcess, .foreign_keys = true, .log_pages = 500, .cache_kib = 100}));
  EXPECT_EQ(mode(), "wal");
  EXPECT_EQ(*database->integer("PRAGMA synchronous"), 1);
  EXPECT_EQ(*database->integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(*database->integer("PRAGMA wal_autocheckpoint"), 500);
  EXPECT_EQ(*database->integer("PRAGMA cache_size"), -100);
  EXPECT_EQ(*database->integer("PRAGMA trusted_schema"), 0);
  const auto book = *Database::open(":memory:", kSchema, Sync::kProcess);
  EXPECT_EQ(*book->integer("PRAGMA synchronous"), 1);
}

TEST(SqliteDatabase, WaitsForTheDiskForManyAtOnce) {
  const File file("sqlite_disk.sqlite");
  const auto database = *Database::open(file.path(), kSchema, Sync::kProcess);
  std::vector<std::thread> writers;
  std::atomic<int> done{0};
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 20; ++i) {
        {
          base::MutexLock lock(database->mutex());
          if (!insert(*database, std::to_string(writer) + "." + std::to_string(i), i)) return;
        }
        if (database->wait_for_disk()) ++done;
      }
    });
  }
  for (std::thread& one : writers) one.join();
  EXPECT_EQ(done, 8 * 20);
  EXPECT_TRUE(open_or_fail(":memory:")->wait_for_disk()) << "there is nothing to wait for";
}

TEST(SqliteDatabase, ADiskThatFailedOnceIsNotTrustedAgain) {
  const File file("sqlite_no_log.sqlite");
  const auto database = *Database::open(file.path(), Options{});  // no write-ahead log
  EXPECT_EQ(database->wait_for_disk().error().code(), ErrorCode::kIo);
  ASSERT_TRUE(database->apply({.sync = Sync::kProcess}));
  ASSERT_TRUE(database->execute(kSchema));
  EXPECT_FALSE(database->wait_for_disk());
}

TEST(SqliteStatement, IsPreparedOnceForItsText) {
  const auto database = open_or_fail(":memory:");
  const size_t before = database->statements_kept();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(insert(*database, std::to_string(i), i));
  EXPECT_EQ(database->statements_kept(), before + 1);
  ASSERT_FALSE(insert(*database, "1", 1));
  EXPECT_TRUE(insert(*database, "10", 10)) << "one that failed can be used again";
}

TEST(SqliteStatement, SameTextMayBeInUseTwice) {
  const auto database = open_or_fail(":memory:");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(insert(*database, std::to_string(i), i));
  constexpr std::string_view kSql = "SELECT b FROM t ORDER BY a";
  Statement outer(*database, kSql);
  int pairs = 0;
  while (outer.step()) {
    Statement inner(*database, kSql);
    while (inner.step()) ++pairs;
  }
  EXPECT_EQ(pairs, 9);
}

TEST(SqliteStatement, AreKeptUpToTheirLimit) {
  const auto database = open_or_fail(":memory:");
  for (size_t i = 0; i < kStatementsKept + 20; ++i) {
    EXPECT_EQ(*database->integer("SELECT " + std::to_string(i)), static_cast<int64_t>(i));
  }
  EXPECT_EQ(database->statements_kept(), kStatementsKept);
}

}  // namespace
}  // namespace godseye::sqlite
