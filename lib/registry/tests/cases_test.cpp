#include <godseye/base/temp_dir.h>
#include <godseye/registry/cases.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/registry.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

using base::ErrorCode;
using base::Status;

class Cases : public ::testing::Test {
 protected:
  Cases() : registry_(*Registry::open({.path = dir_.file("registry.sqlite"), .sync = Sync::kNormal})) {}

  void in_write(const std::function<void(WriteSession&)>& body) {
    Status status = registry_->write([&](WriteSession& s) -> Status {
      body(s);
      return base::ok();
    });
    EXPECT_TRUE(status) << status.error().message();
  }

  static CaseRow add(WriteSession& s, CaseRow row) {
    row.id = new_uuid();
    EXPECT_TRUE(create_case(s, row));
    return row;
  }

  base::TempDir dir_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(Cases, KeysCountUpWithinAProjectAndACaseIsFoundByAllItsNames) {
  in_write([](WriteSession& s) {
    CaseProject project{.key = "OPS", .name = "Operations"};
    ASSERT_TRUE(create_case_project(s, project));
    const CaseRow one = add(s, {.title = "one"});
    const CaseRow two = add(s, {.project_id = project.id, .title = "two"});
    EXPECT_EQ(one.key, "CASE-1");
    EXPECT_EQ(two.key, "OPS-1");
    EXPECT_EQ(add(s, {.title = "three"}).key, "CASE-2");
    for (const std::string& name : {two.id, two.key, std::to_string(two.number)}) {
      EXPECT_EQ((*find_case(s, name))->title, "two") << name;
    }
    EXPECT_FALSE(find_case(s, "' OR 1=1 --")->has_value());
    EXPECT_EQ(delete_case_project(s, project.id).error().code(), ErrorCode::kInvalidArgument) << "it has a case";
    EXPECT_EQ(delete_case_project(s, kDefaultCaseProject).error().code(), ErrorCode::kInvalidArgument);
    ASSERT_TRUE(delete_case(s, two.id));
    EXPECT_TRUE(delete_case_project(s, project.id));
  });
  in_write([](WriteSession& s) {
    CaseProject again{.key = "CASE", .name = "x"};
    EXPECT_EQ(create_case_project(s, again).error().code(), ErrorCode::kAlreadyExists);
    CaseRow lost{.id = new_uuid(), .project_id = "none", .title = "t"};
    EXPECT_EQ(create_case(s, lost).error().code(), ErrorCode::kNotFound);
  });
}

TEST_F(Cases, AnAlertHasOneOpenCase) {
  in_write([](WriteSession& s) {
    CaseRow row = add(s, {.title = "t", .services = {"chatbot"}, .monitor_id = 3, .group = "service:chatbot"});
    EXPECT_EQ((*find_open_case(s, 3, "service:chatbot"))->services, std::vector<std::string>{"chatbot"});
    CaseRow twin{.id = new_uuid(), .title = "t", .monitor_id = 3, .group = "service:chatbot"};
    EXPECT_EQ(create_case(s, twin).error().code(), ErrorCode::kAlreadyExists);
    row.status = "CLOSED";
    row.closed_s = 50;
    ASSERT_TRUE(update_case(s, row));
    EXPECT_FALSE(find_open_case(s, 3, "service:chatbot")->has_value());
    EXPECT_EQ((*find_closed_case(s, 3, "service:chatbot", 50))->id, row.id);
    EXPECT_FALSE(find_closed_case(s, 3, "service:chatbot", 51)->has_value());
    add(s, {.title = "later", .monitor_id = 3, .group = "service:chatbot"});
    row.status = "OPEN";
    EXPECT_EQ(update_case(s, row).error().code(), ErrorCode::kAlreadyExists);
  });
}

TEST_F(Cases, ListsAreFilteredAndOrdered) {
  in_write([](WriteSession& s) {
    add(s, {.title = "low", .priority = "P4"});
    add(s, {.title = "High cost", .priority = "P1", .assignee = "ada", .services = {"cart"}});
    CaseRow gone = add(s, {.title = "gone", .status = "CLOSED"});
    add(s, {.title = "none", .status = "IN_PROGRESS"});
    gone.archived_s = 9;
    ASSERT_TRUE(update_case(s, gone));
    const auto titles = [&](const CaseFilter& filter) {
      std::string all;
      const std::vector<CaseRow> rows = *list_cases(s, filter);
      for (const CaseRow& row : rows) all += row.title + " ";
      EXPECT_EQ(*count_cases(s, filter), rows.size());
      return all;
    };
    EXPECT_EQ(titles({}), "none High cost low ");
    EXPECT_EQ(titles({.order = CaseOrder::kPriority, .ascending = true}), "High cost low none ");
    EXPECT_EQ(titles({.order = CaseOrder::kStatus}), "none High cost low ");
    EXPECT_EQ(titles({.archived = 1}), "gone ");
    EXPECT_EQ(titles({.archived = -1, .ascending = true}), "low High cost gone none ");
    EXPECT_EQ(titles({.status = "OPEN", .text = "COST"}), "High cost ");
    EXPECT_EQ(titles({.assignee = "ada"}), "High cost ");
    EXPECT_EQ(titles({.service = "cart"}), "High cost ");
    EXPECT_EQ(titles({.project = "CASE", .text = "case-1"}), "low ");
    EXPECT_EQ(titles({.project = "OPS"}), "");
  });
}

}  // namespace
}  // namespace godseye::registry
