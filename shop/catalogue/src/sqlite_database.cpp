#include "sql.h"

#include <optional>

#include <vcommerce/orders/sqlite.h>

// The store's database as a SQLite file.
namespace vcommerce::catalogue {
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS products(id TEXT PRIMARY KEY, name TEXT NOT NULL, brand TEXT NOT NULL, category TEXT NOT NULL,
  kind TEXT NOT NULL, description TEXT NOT NULL, units INTEGER NOT NULL, nanos INTEGER NOT NULL,
  weight_grams INTEGER NOT NULL, material TEXT NOT NULL, care TEXT NOT NULL, tags TEXT NOT NULL, colours TEXT NOT NULL,
  pairs_with TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS products_by_category ON products(category, id);
CREATE TABLE IF NOT EXISTS stock(product_id TEXT NOT NULL, size TEXT NOT NULL, position INTEGER NOT NULL,
  available INTEGER NOT NULL CHECK(available >= 0), filled INTEGER NOT NULL, PRIMARY KEY(product_id, size)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservations(key TEXT PRIMARY KEY, state INTEGER NOT NULL, changed_ms INTEGER NOT NULL,
  fingerprint TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reservations_by_age ON reservations(state, changed_ms);
CREATE TABLE IF NOT EXISTS reservation_lines(key TEXT NOT NULL, line INTEGER NOT NULL, product_id TEXT NOT NULL,
  size TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY(key, line)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries(key TEXT PRIMARY KEY, received_ms INTEGER NOT NULL) WITHOUT ROWID;
)";
// Files of older versions hold the index of searches, which is in memory now.
constexpr const char* kDropOld = "DROP TABLE IF EXISTS texts";

class SqliteSession final : public SqlSession {
 public:
  explicit SqliteSession(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  base::Status ready() override { return base::ok(); }
  base::Status make_tables() override {
    if (base::Status made = database_->execute(kSchema); !made) return made;
    return database_->execute(kDropOld);
  }

  base::Result<Rows> run(std::string_view sql, std::initializer_list<SqlValue> values) override {
    Statement statement(*database_, sql);
    for (const SqlValue& value : values) std::visit([&](auto one) { statement.bind(one); }, value);
    Rows rows;
    rows.columns = static_cast<size_t>(statement.columns());
    while (statement.step()) {
      for (size_t i = 0; i < rows.columns; ++i) rows.cells.push_back(statement.text(static_cast<int>(i)));
    }
    if (!statement.status()) return statement.status().error();
    rows.changed = database_->rows_changed();
    return rows;
  }

  // One writer at a time in the whole file: every key waits for every other.
  base::Status begin(std::string_view) override { return transaction_.emplace(*database_).status(); }
  base::Status commit() override { return transaction_->commit(); }
  void rollback() override { transaction_.reset(); }

 private:
  const std::unique_ptr<Database> database_;
  std::optional<Transaction> transaction_;  // the last one, if it has not been rolled back
};

}  // namespace

base::Result<std::unique_ptr<SqlPool>> open_sqlite(const std::string& path) {
  // A reservation that a loss of power takes is made again by the order that it is for.
  base::Result<std::unique_ptr<Database>> database = Database::open(path, "", Sync::kProcess);
  if (!database) return std::move(database).error();
  std::vector<std::unique_ptr<SqlSession>> sessions;
  sessions.push_back(std::make_unique<SqliteSession>(*std::move(database)));
  return std::make_unique<SqlPool>("sqlite", path, std::move(sessions));
}

}  // namespace vcommerce::catalogue
