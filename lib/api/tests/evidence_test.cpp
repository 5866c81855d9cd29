#include "evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::api {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(Evidence, TheLastThingAPersonSaidIsShownMasked) {
  EXPECT_EQ(masked_prompt(R"([{"role":"system","content":"s"},{"role":"user","content":"mail me at eve@example.com"},
                              {"role":"assistant","content":"no"}])"),
            "mail me at [EMAIL]");
  EXPECT_EQ(masked_prompt(R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})"), "hi");
  EXPECT_EQ(masked_prompt("plain <b>words</b>"), "plain <b>words</b>");
  EXPECT_EQ(masked_prompt("[]"), "");
  EXPECT_EQ(masked_prompt(""), "");
}

TEST(Evidence, AWallOfTextIsCutAtACharacter) {
  std::string wall;
  for (int i = 0; i < 1000; ++i) wall += "é";
  const std::string text = masked_prompt(wall);
  EXPECT_LE(text.size(), kEvidencePromptBytesMax + 3);
  EXPECT_THAT(text, EndsWith("é…"));
}

TEST(Evidence, WithoutSpansItSaysSo) {
  const Evidence evidence = find_evidence(nullptr, {.subject = "session_id:x"});
  EXPECT_THAT(evidence_json(evidence), HasSubstr(R"("warnings":["spans: they cannot be asked here"])"));
}

}  // namespace
}  // namespace godseye::api
