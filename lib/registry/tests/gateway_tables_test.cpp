#include <godseye/base/temp_dir.h>
#include <godseye/registry/audit.h>
#include <godseye/registry/blocks.h>
#include <godseye/registry/gateway_settings.h>
#include <godseye/registry/registry.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;

constexpr int kSession = 1;
constexpr int kUser = 2;

class GatewayTables : public ::testing::Test {
 protected:
  GatewayTables() { open(); }
  void open() {
    registry_.reset();
    registry_ = *Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal});
  }
  void in_write(const std::function<void(WriteSession&)>& body) {
    Status status = registry_->write([&](WriteSession& s) -> Status {
      body(s);
      return base::ok();
    });
    EXPECT_TRUE(status) << status.error().message();
  }
  static BlockRow block(int kind, std::string value, int64_t created_s, int64_t expires_s, bool automatic = false) {
    return {.kind = kind,
            .value = std::move(value),
            .reason = "probing",
            .author = "ana",
            .created_s = created_s,
            .expires_s = expires_s,
            .automatic = automatic};
  }

  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(GatewayTables, ABlockSurvivesAReopenedFile) {
  BlockRow row = block(kSession, "mallory-77", 100, 3700);
  in_write([&](WriteSession& s) { ASSERT_TRUE(put_block(s, row, 100)); });
  open();
  in_write([&](WriteSession& s) {
    const auto found = find_block(s, kSession, "mallory-77", 3699);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(**found, row);
    EXPECT_FALSE(*find_block(s, kUser, "mallory-77", 200)) << "another kind";
    EXPECT_FALSE(*find_block(s, kSession, "mallory-77", 3700)) << "expired";
  });
}

TEST_F(GatewayTables, ASecondBlockOfTheSameChangesTheOpenOne) {
  in_write([](WriteSession& s) {
    BlockRow first = block(kSession, "a", 100, 200);
    BlockRow second = block(kSession, "a", 150, 0);
    ASSERT_TRUE(put_block(s, first, 100));
    ASSERT_TRUE(put_block(s, second, 150));
    EXPECT_EQ(second.id, first.id);
    EXPECT_EQ(second.created_s, 100);
    EXPECT_GT(second.revision, first.revision);
    EXPECT_EQ(list_blocks(s, {.ended = true}, 1000)->size(), 1U);
    EXPECT_EQ((*find_block(s, kSession, "a", 1'000'000'000))->expires_s, 0) << "for ever";
  });
}

TEST_F(GatewayTables, ABlockAfterAnExpiredOneIsANewRow) {
  in_write([](WriteSession& s) {
    BlockRow first = block(kSession, "a", 100, 200);
    BlockRow second = block(kSession, "a", 300, 400);
    ASSERT_TRUE(put_block(s, first, 100));
    ASSERT_TRUE(put_block(s, second, 300));
    EXPECT_NE(second.id, first.id);
    EXPECT_EQ(list_blocks(s, {.ended = true}, 300)->size(), 2U);
    EXPECT_EQ(list_blocks(s, {}, 300)->size(), 1U);
  });
}

TEST_F(GatewayTables, ALiftedBlockNamesWhoLiftedIt) {
  in_write([](WriteSession& s) {
    BlockRow row = block(kUser, "u1", 100, 0);
    ASSERT_TRUE(put_block(s, row, 100));
    const auto lifted = lift_block(s, kUser, "u1", "bo", 120);
    ASSERT_TRUE(lifted && *lifted);
    EXPECT_EQ((*lifted)->lifted_by, "bo");
    EXPECT_EQ((*lifted)->lifted_s, 120);
    EXPECT_FALSE(*find_block(s, kUser, "u1", 121));
    EXPECT_FALSE(*lift_block(s, kUser, "u1", "bo", 122)) << "there is none any more";
    EXPECT_EQ((*find_block_id(s, row.id))->lifted_by, "bo");
  });
}

TEST_F(GatewayTables, ChangesSinceARevisionComeInTheirOrder) {
  in_write([](WriteSession& s) {
    BlockRow a = block(kSession, "a", 100, 0), b = block(kSession, "b", 100, 0);
    ASSERT_TRUE(put_block(s, a, 100));
    const int64_t known = *gateway_revision(s);
    ASSERT_TRUE(put_block(s, b, 100));
    ASSERT_TRUE(*lift_block(s, kSession, "a", "x", 110));
    const auto changes = **blocks_changed_since(s, known, 10);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].value, "b");
    EXPECT_EQ(changes[1].value, "a");
    EXPECT_EQ(changes[1].lifted_s, 110);
    EXPECT_TRUE((*blocks_changed_since(s, changes[1].revision, 10))->empty());
    EXPECT_FALSE(*blocks_changed_since(s, 0, 1)) << "more than asked for: the whole list instead";
  });
}

TEST_F(GatewayTables, AfterPruningOldRevisionsAskForTheWholeList) {
  in_write([](WriteSession& s) {
    BlockRow a = block(kSession, "a", 100, 200), b = block(kSession, "b", 100, 0);
    ASSERT_TRUE(put_block(s, a, 100));
    ASSERT_TRUE(put_block(s, b, 100));
    ASSERT_TRUE(prune_blocks(s, 1000, 10));
    EXPECT_EQ(list_blocks(s, {.ended = true}, 2000)->size(), 1U) << "what is in force stays";
    EXPECT_FALSE(*blocks_changed_since(s, 0, 10));
    EXPECT_EQ((*blocks_changed_since(s, a.revision, 10))->size(), 1U);
  });
}

TEST_F(GatewayTables, TheLastAutomaticBlockIsFoundWhileItIsRemembered) {
  in_write([](WriteSession& s) {
    BlockRow row = block(kSession, "a", 100, 200, true);
    row.times = 3;
    ASSERT_TRUE(put_block(s, row, 100));
    EXPECT_EQ((*last_automatic_block(s, kSession, "a", 200))->times, 3);
    EXPECT_FALSE(*last_automatic_block(s, kSession, "a", 201));
    EXPECT_FALSE(*last_automatic_block(s, kSession, "b", 0));
  });
}

TEST_F(GatewayTables, AValueIsDataAndNeverSql) {
  in_write([](WriteSession& s) {
    const std::string value = "x'; DROP TABLE blocks; --";
    BlockRow row = block(kSession, value, 100, 0);
    ASSERT_TRUE(put_block(s, row, 100));
    EXPECT_TRUE(*find_block(s, kSession, value, 101));
  });
}

TEST_F(GatewayTables, AnAuditEntryWithAKnownIdIsNotWrittenAgain) {
  in_write([](WriteSession& s) {
    AuditRow row{.time_ms = 5, .actor = "gateway", .action = "block.set", .target = "session:a", .dedup = "d1"};
    ASSERT_TRUE(add_audit(s, row));
    EXPECT_GT(row.id, 0);
    AuditRow again = row;
    ASSERT_TRUE(add_audit(s, again));
    EXPECT_EQ(again.id, 0);
    AuditRow other{.time_ms = 6, .actor = "ana", .action = "block.lift", .target = "session:a"};
    AuditRow third = other;
    ASSERT_TRUE(add_audit(s, other));
    ASSERT_TRUE(add_audit(s, third));
    EXPECT_NE(third.id, 0) << "entries without an id are never the same";
    EXPECT_EQ(list_audit(s, {})->size(), 3U);
  });
}

TEST_F(GatewayTables, TheAuditLogIsFilteredAndCountedByRule) {
  in_write([](WriteSession& s) {
    for (int i = 0; i < 4; ++i) {
      AuditRow row{.time_ms = i,
                   .actor = "gateway",
                   .action = i == 3 ? "block.set" : "shadow.message.refused",
                   .target = "session:a",
                   .after_json = i == 0 ? R"({"rule":"pii"})" : R"({"rule":"injection"})",
                   .automatic = true};
      ASSERT_TRUE(add_audit(s, row));
    }
    AuditFilter shadow{.action = "shadow."};
    EXPECT_EQ(list_audit(s, shadow)->size(), 3U);
    const auto counts = *count_audit(s, shadow);
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].rule, "injection");
    EXPECT_EQ(counts[0].count, 2);
    EXPECT_EQ(counts[1].rule, "pii");
    EXPECT_EQ(list_audit(s, {.automatic = 0})->size(), 0U);
    EXPECT_EQ(list_audit(s, {.from_ms = 1, .to_ms = 3})->size(), 2U);
    EXPECT_EQ(list_audit(s, {.action = "block%"})->size(), 0U) << "no wildcards";
  });
}

TEST_F(GatewayTables, OldAuditEntriesGoAndWhatIsLongIsMarkedAsCut) {
  in_write([](WriteSession& s) {
    AuditRow old{.time_ms = 10, .actor = "a", .action = "x", .target = "t"};
    AuditRow fresh{.time_ms = 20,
                   .actor = "a",
                   .action = "x",
                   .target = "t",
                   .after_json = '"' + std::string(kAuditTextBytesMax, 'a') + '"'};
    ASSERT_TRUE(add_audit(s, old));
    ASSERT_TRUE(add_audit(s, fresh));
    EXPECT_EQ(*prune_audit(s, 20, 100), 1U);
    const auto rows = *list_audit(s, {});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].after_json, R"({"cut":true,"bytes":16386})");
  });
}

TEST_F(GatewayTables, SettingsHaveAVersionThatASecondWriterMustKnow) {
  in_write([](WriteSession& s) {
    EXPECT_EQ(gateway_settings(s)->version, 0);
    const int64_t revision = *gateway_revision(s);
    EXPECT_EQ(put_gateway_settings(s, R"({"shadow":true})", -1, 5)->version, 1);
    EXPECT_EQ(put_gateway_settings(s, "{}", 0, 6).error().code(), ErrorCode::kAlreadyExists);
    EXPECT_EQ(put_gateway_settings(s, "{}", 1, 6)->version, 2);
    EXPECT_EQ(gateway_settings(s)->document, "{}");
    EXPECT_EQ(*gateway_revision(s), revision + 2);
  });
}

TEST_F(GatewayTables, FeedbackExemptsItsSessionForAWhile) {
  in_write([](WriteSession& s) {
    FeedbackRow row{.time_s = 5, .verdict = "false_positive", .call_id = "c", .session = "s1", .exempt_until_s = 100};
    FeedbackRow plain{.time_s = 6, .verdict = "true_positive", .session = "s2", .score = 0.5};
    ASSERT_TRUE(add_feedback(s, row));
    ASSERT_TRUE(add_feedback(s, plain));
    ASSERT_EQ(list_exemptions(s, 99, 10)->size(), 1U);
    EXPECT_EQ(list_exemptions(s, 99, 10)->front().session, "s1");
    EXPECT_TRUE(list_exemptions(s, 100, 10)->empty());
    const auto rows = *list_feedback(s, 0, 10);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].score, 0.5);
    EXPECT_EQ(rows[1].score, -1);
    EXPECT_TRUE(delete_feedback(s, row.id));
    EXPECT_EQ(delete_feedback(s, row.id).error().code(), ErrorCode::kNotFound);
  });
}

}  // namespace
}  // namespace godseye::registry
