#include "responder_fixture.h"

#include <godseye/notify/notification.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>
#include <godseye/respond/pager.h>

#include <gmock/gmock.h>

namespace godseye::respond {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class PagerTest : public ResponderWorld {
 protected:
  PagerTest() {
    const base::Status made = registry_->write([](registry::WriteSession& s) {
      registry::ChannelRow row{.kind = "pagerduty", .name = "night"};
      return registry::add_channel(s, row);
    });
    EXPECT_TRUE(made) << made.error().message();
  }
  void tell(PagerAction action) {
    const auto told = registry_->change<size_t>(
        [&](registry::WriteSession& s) { return tell_pagers(s, incidents()[0].id, action, 1'700'000'000'000); });
    ASSERT_TRUE(told) << told.error().message();
  }
  // "kind thread" of what pagers are owed since the last call, the oldest first.
  std::vector<std::string> owed() {
    auto rows = read<std::vector<registry::DeliveryRow>>([](auto& s) { return registry::list_deliveries(s, {}); });
    std::vector<std::string> texts;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (row->id <= seen_) continue;
      seen_ = row->id;
      texts.push_back(notify::decode_notification(row->notification)->kind + " " + row->thread);
    }
    return texts;
  }
  query::GroupValues hosts(std::vector<std::pair<std::string, double>> values) {
    query::GroupValues all;
    for (auto& [host, value] : values) all.push_back({.group = {{"user_id", host}}, .value = value});
    return all;
  }
  int64_t seen_ = 0;
};

TEST_F(PagerTest, WhatAPersonDoesIsToldUnderTheKeyThatRang) {
  const std::string id = std::to_string(watch("m", "user_id", "@incident-x @pagerduty-night"));
  see("m", hosts({{"a", 0.9}}));
  evaluate(0);
  EXPECT_THAT(owed(), ElementsAre("Triggered " + id + "/user_id:a"));
  tell(PagerAction::kAcknowledge);
  EXPECT_THAT(owed(), ElementsAre("Acknowledged " + id + "/user_id:a"));
  tell(PagerAction::kAcknowledge);
  EXPECT_THAT(owed(), IsEmpty()) << "once";
  tell(PagerAction::kResolve);
  EXPECT_THAT(owed(), ElementsAre("Resolved " + id + "/user_id:a"));
  tell(PagerAction::kResolve);
  EXPECT_THAT(owed(), IsEmpty());
}

TEST_F(PagerTest, AnAlertThatRecoveredIsNotAcknowledged) {
  watch("m", "user_id", "@incident-x @pagerduty-night");
  see("m", hosts({{"a", 0.9}}));
  evaluate(0);
  see("m", hosts({{"a", 0.1}}));
  evaluate(10);
  (void)owed();
  tell(PagerAction::kAcknowledge);
  EXPECT_THAT(owed(), IsEmpty());
}

}  // namespace
}  // namespace godseye::respond
