#include "doctor_ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::app {
namespace {

using testing::HasSubstr;

const Finding* find(const std::vector<Finding>& findings, std::string_view check) {
  for (const Finding& finding : findings) {
    if (finding.check == check) return &finding;
  }
  return nullptr;
}

TEST(DoctorIngest, SaysWhatBecameOfAClientsSpans) {
  const auto findings = explain_ingestion(R"({"journal":{"set_aside":0},"spans":{"rows":[
    {"client":"python","version":"4.1.0","path":"v0.4","received":12,"accepted":10,"stored":10,"queryable":10,
     "refused":0,"dropped":{"duplicate":2}},
    {"client":"nodejs","version":"5","path":"v0.4 ","received":9,"accepted":8,"stored":7,"queryable":4,"refused":1,
     "dropped":{"zero_id":1}}],
    "gap":{"spans":0,"oldest_ms":0},"intake":{"llm_price_unknown":3}}})");
  const Finding* python = find(findings, "v0.4");
  ASSERT_NE(python, nullptr);
  EXPECT_EQ(python->verdict, Verdict::kOk);
  EXPECT_THAT(python->text, HasSubstr("python 4.1.0: 12 spans received, 10 accepted, all stored and queryable"));
  EXPECT_THAT(python->text, HasSubstr("2 duplicate (arrived before"));
  const Finding* node = find(findings, "v0.4 ");
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->verdict, Verdict::kWarning);
  EXPECT_THAT(node->text, HasSubstr("3 on their way"));
  EXPECT_THAT(node->text, HasSubstr("Refused, because the journal was full or the disk failed: 1 span;"));
  EXPECT_THAT(node->text, HasSubstr("instrumentation is broken"));
  EXPECT_EQ(find(findings, "gap")->verdict, Verdict::kOk);
  EXPECT_THAT(find(findings, "prices")->text, HasSubstr("3 calls of models without a known price"));
}

TEST(DoctorIngest, AGapAndSegmentsSetAsideAreProblems) {
  const auto findings = explain_ingestion(
      R"({"journal":{"set_aside":2,"refused_full":4},"spans":{"rows":[],"gap":{"spans":17,"oldest_ms":75000}}})");
  EXPECT_EQ(find(findings, "gap")->verdict, Verdict::kProblem);
  EXPECT_THAT(find(findings, "gap")->text, HasSubstr("17 spans accepted up to 75 s ago"));
  EXPECT_EQ(find(findings, "set-aside")->verdict, Verdict::kProblem);
  EXPECT_THAT(find(findings, "journal")->text, HasSubstr("--journal-bytes-max"));
  EXPECT_THAT(find(findings, "clients")->text, HasSubstr("DD_TRACE_AGENT_URL"));
}

TEST(DoctorIngest, AnAnswerThatIsNoneIsSaid) {
  EXPECT_TRUE(any_problem(explain_ingestion("<html>")));
  EXPECT_FALSE(explain_ingestion("{}").empty());
}

}  // namespace
}  // namespace godseye::app
