#include "transition_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::respond {
namespace {

using monitor::Background;
using monitor::GroupStatus;
using ::testing::IsEmpty;

lang::RenderedMessage render(const std::string& message, Background background) {
  ddapi::MonitorSpec spec;
  spec.name = "m";
  spec.type = "query alert";
  spec.query = "avg(last_5m):avg:m{*} > 0.7";
  spec.message = message;
  const auto monitor = monitor::validate(spec);
  EXPECT_TRUE(monitor);
  monitor::GroupTransition transition;
  transition.transition.to = GroupStatus::kAlert;
  transition.background = std::make_shared<const Background>(std::move(background));
  return monitor->message.render(scope_of(*monitor, transition));
}

TEST(TransitionText, ACheckSaysWhatItsNewestRunSaid) {
  EXPECT_EQ(render("it says {{check_message}}", {.check_message = "disk full"}).text, "it says disk full");
}

TEST(TransitionText, WhatACheckSaysNotifiesNobody) {
  const lang::RenderedMessage message = render("{{check_message}}", {.check_message = "x @webhook-ops <b>"});
  EXPECT_EQ(message.text, "x @webhook-ops &lt;b&gt;");
  EXPECT_THAT(message.handles, IsEmpty());
}

TEST(TransitionText, MembersOfACompositeGoByTheirLetters) {
  const Background both{.members = {{.status = GroupStatus::kAlert, .value = 0.9}, {.status = GroupStatus::kNoData}}};
  EXPECT_EQ(render("{{a.status}} {{a.value}}, {{b.status}} {{b.value}}, {{c.value}}{{a.other}}.", both).text,
            "Alert 0.9, No Data no data, .");
  EXPECT_EQ(render("{{#is_match \"a.status\" \"Alert\"}}first{{/is_match}}", both).text, "first");
}

TEST(TransitionText, AnEventGivesItsFieldsAndTags) {
  signal::Event event{.id = 7, .title = "Deploy", .text = "of build 12", .host = "web-1", .source = "ci"};
  event.tags = {"service:shop", "service:web", "env:prod"};
  EXPECT_EQ(render("{{event.title}} {{event.text}} {{event.source}} {{event.host}} {{event.tags.service}} {{event.id}}"
                   " {{event.tags.none}}{{event.nothing}}.",
                   {.event = event})
                .text,
            "Deploy of build 12 ci web-1 shop,web 7 .");
}

}  // namespace
}  // namespace godseye::respond
