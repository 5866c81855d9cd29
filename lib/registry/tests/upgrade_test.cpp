#include "connection.h"
#include "migrations.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <godseye/base/hash.h>
#include <godseye/base/temp_dir.h>
#include <godseye/registry/blocks.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/downtimes.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/users.h>

#include <gtest/gtest.h>

// A registry that any earlier version wrote keeps every row and every value of it.
namespace godseye::registry {
namespace {

using base::Status;

struct Table {
  std::vector<std::string> columns;
  std::multiset<std::string> rows;  // each as the text of its values, quoted
};
using Tables = std::map<std::string, Table>;

std::unique_ptr<Connection> open_raw(const base::TempDir& dir) {
  auto connection = Connection::open(dir.file("registry.sqlite"), sqlite::Options{});
  EXPECT_TRUE(connection) << connection.error().message();
  return *std::move(connection);
}

std::vector<std::string> texts(Connection& connection, const std::string& sql) {
  Statement statement(connection, sql);
  std::vector<std::string> rows;
  while (statement.step()) rows.push_back(statement.text(0));
  EXPECT_TRUE(statement.status()) << sql << ": " << statement.status().error().message();
  return rows;
}

std::multiset<std::string> rows_of(Connection& connection, const std::string& table,
                                   const std::vector<std::string>& columns) {
  std::string row;
  for (const std::string& column : columns) row += (row.empty() ? "" : " || ',' || ") + ("quote(" + column + ")");
  const auto rows = texts(connection, "SELECT " + row + " FROM " + table);
  return {rows.begin(), rows.end()};
}

// Two rows in every table of this version, whatever tables there are, with other values in each column.
void fill(Connection& connection, const std::string& table, const std::vector<std::string>& columns) {
  for (int row = 1; row <= 2; ++row) {
    std::string values;
    for (const std::string& column : columns) {
      const std::string type =
          texts(connection, "SELECT type FROM pragma_table_info('" + table + "') WHERE name = '" + column + "'").at(0);
      std::string value = "'" + column + "-" + std::to_string(row) + "'";
      if (type == "INTEGER") value = column == "only" ? "1" : std::to_string(1000 + row);
      if (type == "REAL") value = std::to_string(row) + ".5";
      if (type == "BLOB") value = "x'beef0" + std::to_string(row) + "'";
      values += (values.empty() ? "" : ", ") + value;
    }
    const Status filled = connection.execute(("INSERT INTO " + table + " VALUES (" + values + ")").c_str());
    ASSERT_TRUE(filled) << table << ": " << filled.error().message();
    if (columns[0] == "only") return;
  }
}

Tables make_version(const base::TempDir& dir, int version) {
  Tables tables;
  const auto old = open_raw(dir);
  EXPECT_TRUE(migrate_to(*old, version));
  for (const std::string& table : texts(*old,
                                        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                                        "'sqlite_%' AND name != 'meta' ORDER BY name")) {
    Table& kept = tables[table];
    kept.columns = texts(*old, "SELECT name FROM pragma_table_info('" + table + "')");
    fill(*old, table, kept.columns);
    kept.rows = rows_of(*old, table, kept.columns);
    EXPECT_FALSE(kept.rows.empty()) << table;
  }
  return tables;
}

TEST(Upgrade, KeepsEveryRowOfEveryVersion) {
  for (int version = 1; version < newest_schema_version(); ++version) {
    SCOPED_TRACE("from schema " + std::to_string(version));
    const base::TempDir dir;
    Tables before = make_version(dir, version);
    const auto secret = [&] { return texts(*open_raw(dir), "SELECT hex(value) FROM meta WHERE name = 'key_secret'"); };
    const auto secret_before = secret();
    ASSERT_EQ(secret_before.size(), 1U);
    auto registry = Registry::open({.path = dir.file("registry.sqlite")});
    ASSERT_TRUE(registry) << registry.error().message();
    registry->reset();
    const auto now = open_raw(dir);
    EXPECT_EQ(*now->integer("PRAGMA user_version"), newest_schema_version());
    EXPECT_EQ(secret(), secret_before) << "another one would make every key unknown";
    for (auto& [table, kept] : before) {
      SCOPED_TRACE(table);
      // What has another name and form since: webhooks are channels.
      if (table == "webhooks" && version < 7) {
        const auto channels = texts(*now, "SELECT name || ' ' || json_extract(settings, '$.url') FROM channels");
        EXPECT_EQ(channels, (std::vector<std::string>{"name-1 url-1", "name-2 url-2"}));
        continue;
      }
      for (std::string& column : kept.columns) {
        if (table == "deliveries" && column == "webhook") column = "channel";
      }
      const auto after = rows_of(*now, table, kept.columns);
      for (const std::string& row : kept.rows) EXPECT_TRUE(after.contains(row)) << row;
    }
  }
}

// What people and programs do with it still works: keys are known by their text, users, monitors, blocks and downtimes.
TEST(Upgrade, OfTheVersionBeforeIsUsedAsItWas) {
  const base::TempDir dir;
  std::string key;
  UserRow user{.handle = "alice@example.com", .name = "Alice", .role = Role::kEditor, .password_hash = "hash"};
  BlockRow block{.kind = 1, .value = "mallory-77", .reason = "injection", .author = "alice", .created_s = 100};
  DowntimeRow downtime{.document = R"({"scope":"env:prod"})", .created_s = 100, .modified_s = 100};
  ChannelRow channel{.kind = "webhook", .name = "ops", .settings_json = R"({"url":"http://x"})"};
  {
    auto registry = *Registry::open({.path = dir.file("registry.sqlite")});
    const Status written = registry->write([&](WriteSession& s) -> Status {
      if (Status made = create_user(s, user); !made) return made;
      const auto made =
          create_key(s, KeyKind::kApplication, "ci", 100, user.id, std::vector<std::string>{"monitors_read"});
      if (!made) return made.error();
      key = made->text;
      if (const auto monitor = create_monitor(s, R"({"name":"orders"})", "shipped/orders", 100); !monitor) {
        return monitor.error();
      }
      if (Status put = put_block(s, block, 100); !put) return put;
      if (Status put = create_downtime(s, downtime); !put) return put;
      return add_channel(s, channel);
    });
    ASSERT_TRUE(written) << written.error().message();
  }
  // The newest step made one table: without it, and by its number, the file is one of the version before.
  ASSERT_EQ(newest_schema_version(), 8) << "undo the newest step here";
  ASSERT_TRUE(open_raw(dir)->execute("DROP TABLE leases; PRAGMA user_version = 7"));
  auto registry = *Registry::open({.path = dir.file("registry.sqlite")});
  const Status read = registry->write([&](WriteSession& s) -> Status {
    const auto known = find_key(s, KeyKind::kApplication, key);
    EXPECT_TRUE(known && *known);
    if (known && *known) {
      EXPECT_EQ((*known)->owner_id, user.id);
      EXPECT_EQ((*known)->scopes, std::vector<std::string>{"monitors_read"});
    }
    const auto alice = find_user(s, "Alice@example.com");
    EXPECT_TRUE(alice && *alice);
    if (alice && *alice) EXPECT_EQ((*alice)->role, Role::kEditor);
    const auto monitors = list_monitors(s);
    EXPECT_EQ(monitors->size(), 1U);
    EXPECT_EQ(monitors->at(0).document, R"({"name":"orders"})");
    EXPECT_TRUE(*import_key_seen(s, "shipped/orders")) << "a shipped monitor is not imported again";
    EXPECT_EQ(**find_block(s, 1, "mallory-77", 200), block);
    EXPECT_EQ((*find_downtime(s, downtime.uuid))->document, downtime.document);
    EXPECT_TRUE(find_channel(s, "webhook", "ops")->has_value());
    // And goes on.
    return create_monitor(s, "{}", "", 300).transform([](MonitorRow) { return base::Ok{}; });
  });
  EXPECT_TRUE(read) << read.error().message();
}

// Steps that shipped are never edited: files that they made are out there, and a file made today must not be another.
TEST(Upgrade, StepsThatShippedAreAsTheyWere) {
  constexpr uint64_t kSteps[] = {4579449909195931329U,  9957943639321966828U, 16026949991287960262U,
                                 11450217131433693902U, 7379431435457254017U, 13339609015746667659U,
                                 9700031097393316410U,  1052573424556821364U};
  ASSERT_EQ(std::size(kSteps), static_cast<size_t>(newest_schema_version())) << "add the hash of the new step";
  for (int version = 1; version <= newest_schema_version(); ++version) {
    EXPECT_EQ(base::hash64(migration_step(version)), kSteps[version - 1]) << "the step to schema " << version;
  }
}

TEST(Upgrade, RefusesAFileOfANewerVersionAndLeavesItAlone) {
  const base::TempDir dir;
  ASSERT_TRUE(Registry::open({.path = dir.file("registry.sqlite")}));
  const int newer = newest_schema_version() + 1;
  ASSERT_TRUE(open_raw(dir)->execute(("PRAGMA user_version = " + std::to_string(newer)).c_str()));
  const auto registry = Registry::open({.path = dir.file("registry.sqlite")});
  ASSERT_FALSE(registry);
  const std::string message(registry.error().message());
  EXPECT_EQ(registry.error().code(), base::ErrorCode::kInvalidArgument);
  for (const std::string& part : {dir.file("registry.sqlite"), "schema " + std::to_string(newer),
                                  "knows up to " + std::to_string(newest_schema_version()),
                                  std::string("start that version, or use another data directory")}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  EXPECT_EQ(*open_raw(dir)->integer("PRAGMA user_version"), newer);
}

}  // namespace
}  // namespace godseye::registry
