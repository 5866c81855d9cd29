#pragma once

#include "postgres_server.h"
#include "store.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

// A store with a clock that tests move by hand, over either database.
namespace vcommerce::catalogue {

struct HandClock {
  std::shared_ptr<std::chrono::nanoseconds> now =
      std::make_shared<std::chrono::nanoseconds>(std::chrono::hours(400'000));

  base::Clock clock() const {
    return {[at = now] { return base::WallTime(*at); }, [at = now] { return base::TickTime(*at); }};
  }
  void advance(std::chrono::nanoseconds by) const { *now += by; }
};

inline Product product(std::string id, std::string name, int32_t stock = 5) {
  Product made;
  made.id = std::move(id);
  made.name = std::move(name);
  made.brand = "Otterby";
  made.category = "home";
  made.kind = "mug";
  made.description = "A mug.";
  made.price = {19, 500'000'000};
  made.sizes = {{"One size", stock}};
  made.colours = {{"Sage", "#9caf93"}};
  made.weight_grams = 300;
  return made;
}

// `database`: a path or an address.
inline std::unique_ptr<Store> open_store(const std::vector<Product>& seed, const HandClock& hands,
                                         const std::string& database = ":memory:") {
  auto pool = database.starts_with("postgresql:") ? open_postgres(database) : open_sqlite(database);
  EXPECT_TRUE(pool) << (pool ? "" : pool.error().message());
  if (!pool) return nullptr;
  base::Result<std::unique_ptr<Store>> store = Store::open(*std::move(pool), seed, hands.clock());
  EXPECT_TRUE(store) << (store ? "" : store.error().message());
  return store ? *std::move(store) : nullptr;
}

enum class Kind : uint8_t { kSqlite, kPostgres };

inline std::string kind_name(const testing::TestParamInfo<Kind>& kind) {
  return kind.param == Kind::kSqlite ? "Sqlite" : "Postgres";
}

// A test that runs once with each database, each time with an empty one at `database()`. Skipped where no PostgreSQL is
// installed.
class WithDatabase : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kSqlite) {
      database_ = testing::TempDir() + "catalogue_" + testing::UnitTest::GetInstance()->current_test_info()->name();
      for (char& c : database_) c = c == '/' && &c > &database_[testing::TempDir().size()] ? '_' : c;
      remove();
      return;
    }
    PostgresServer* server = PostgresServer::shared();
    if (server == nullptr) GTEST_SKIP() << "no PostgreSQL server is installed (Debian's package postgresql)";
    server->clear();
    database_ = server->url();
  }
  void TearDown() override { remove(); }
  const std::string& database() const { return database_; }

 private:
  void remove() {
    if (GetParam() != Kind::kSqlite) return;
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(database_ + ending);
  }
  std::string database_;
};

}  // namespace vcommerce::catalogue
