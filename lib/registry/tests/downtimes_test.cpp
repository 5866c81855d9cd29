#include <godseye/base/temp_dir.h>
#include <godseye/registry/downtimes.h>
#include <godseye/registry/registry.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

class Downtimes : public ::testing::Test {
 protected:
  Downtimes() : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})) {}
  DowntimeRow create(std::string document) {
    DowntimeRow row{.document = std::move(document), .created_s = 100, .modified_s = 100, .handled_s = 100};
    EXPECT_TRUE(registry_->write([&](WriteSession& s) { return create_downtime(s, row); }));
    return row;
  }
  std::optional<DowntimeRow> find(const std::string& name) {
    return *registry_->fetch<std::optional<DowntimeRow>>([&](ReadSession& s) { return find_downtime(s, name); });
  }
  int64_t revision() {
    return *registry_->fetch<int64_t>([](ReadSession& s) { return downtimes_revision(s); });
  }
  size_t count(bool finished) {
    return registry_->fetch<std::vector<DowntimeRow>>([&](ReadSession& s) { return list_downtimes(s, finished); })
        ->size();
  }

  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(Downtimes, AreFoundByBothOfTheirNames) {
  const DowntimeRow row = create("{\"a\":1}");
  ASSERT_TRUE(find(std::to_string(row.id)));
  ASSERT_TRUE(find(row.uuid));
  EXPECT_EQ(find(row.uuid)->document, "{\"a\":1}");
  EXPECT_FALSE(find("77"));
  EXPECT_FALSE(find("99999999999999999999999"));
  EXPECT_FALSE(find(""));
}

TEST_F(Downtimes, ChangesMoveTheRevisionAndWorkingOffDoesNot) {
  const int64_t first = revision();
  DowntimeRow row = create("{}");
  EXPECT_GT(revision(), first);
  const int64_t second = revision();
  ASSERT_TRUE(registry_->write([&](WriteSession& s) { return set_downtime_handled(s, row.id, 500, false); }));
  EXPECT_EQ(revision(), second);
  EXPECT_EQ(find(row.uuid)->handled_s, 500);
  ASSERT_TRUE(registry_->write([&](WriteSession& s) { return set_downtime_handled(s, row.id, 400, true); }));
  EXPECT_EQ(find(row.uuid)->handled_s, 500) << "a clock that went back does not undo what was done";
  row.canceled_s = 600;
  ASSERT_TRUE(registry_->write([&](WriteSession& s) { return update_downtime(s, row); }));
  EXPECT_GT(revision(), second);
  row.id = 99;
  EXPECT_FALSE(registry_->write([&](WriteSession& s) { return update_downtime(s, row); }));
}

TEST_F(Downtimes, FinishedOnesAreHistoryAndGoLater) {
  const DowntimeRow row = create("{}");
  create("{}");
  ASSERT_TRUE(registry_->write([&](WriteSession& s) { return set_downtime_handled(s, row.id, 500, true); }));
  EXPECT_EQ(count(false), 1U);
  EXPECT_EQ(count(true), 2U);
  ASSERT_TRUE(registry_->write([](WriteSession& s) { return prune_downtimes(s, 500, 10); }));
  EXPECT_EQ(count(true), 2U);
  ASSERT_TRUE(registry_->write([](WriteSession& s) { return prune_downtimes(s, 501, 10); }));
  EXPECT_EQ(count(true), 1U);
}

TEST_F(Downtimes, TheLimitCountsThoseThatStillMatter) {
  ASSERT_TRUE(registry_->write([](WriteSession& s) -> base::Status {
    for (size_t i = 0; i < kDowntimesMax; ++i) {
      DowntimeRow row{.document = "{}", .finished = i == 0};
      if (base::Status made = create_downtime(s, row); !made) return made;
    }
    return base::ok();
  }));
  create("{}");
  DowntimeRow row{.document = "{}"};
  const base::Status full = registry_->write([&](WriteSession& s) { return create_downtime(s, row); });
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), base::ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace godseye::registry
