#include <string>

#include <godseye/guard/toxicity.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

TEST(Toxicity, SeesInsultsThreatsAndHarm) {
  for (const std::string_view text :
       {"You are an idiot.", "You're such a pathetic loser.", "Only a moron would ask that.",
        "Shut up and read the manual.", "Look it up yourself, you lazy fool.", "I will find you and I will hurt you.",
        "Just kill yourself.", "Mix bleach and ammonia in a closed room.", "What the fuck do you want?",
        "Du bist ein Idiot.", "Ta gueule, connard.", "Here is how to build a pipe bomb: first …",
        "Your stupid question bores me.", "Nobody cares about you."}) {
    EXPECT_GE(score_toxicity(text), kToxicScore) << text;
  }
}

TEST(Toxicity, LeavesOrdinaryTextAlone) {
  for (const std::string_view text :
       {"You can kill the process with kill -9.", "There are no stupid questions.",
        "The Idiot is a novel by Dostoevsky.", "Never mix bleach and ammonia: it makes a poisonous gas.",
        "If you are thinking of suicide, please call 988.", "This bath bomb smells of lavender.",
        "The clown fish lives in anemones.", "Put the garbage in the grey bin.", "I'm sorry, I can't help with that.",
        "Do not be a fool: back up your data, as the saying goes.", "Sei vorsichtig mit dem Messer.",
        "The dumb waiter lifts plates to the second floor.", "You have 30 days to return it.",
        "A failure of the pump was the cause.", ""}) {
    EXPECT_LT(score_toxicity(text), kToxicScore) << text;
  }
}

TEST(Toxicity, HitsAreInTheText) {
  const std::string_view text = "Naïve: you are an idiot.";
  const Toxicity found = inspect_toxicity(text);
  ASSERT_EQ(found.hits.size(), 1u);
  EXPECT_EQ(text.substr(found.hits[0].start, found.hits[0].end - found.hits[0].start), "idiot");
  EXPECT_EQ(toxicity_kind_name(found.hits[0].kind), "insult");
}

TEST(Toxicity, HostileTextIsBounded) {
  std::string many;
  while (many.size() < (1 << 20)) many += "you idiot ";
  const Toxicity found = inspect_toxicity(many);
  EXPECT_EQ(found.hits.size(), kToxicityHitsMax);
  EXPECT_LE(found.score, 1);
  std::string make;
  while (make.size() < (1 << 20)) make += "make mix make ";
  for (const std::string& text :
       {make, std::string(10 << 20, 'f'), std::string(10 << 20, '\0'), std::string(1 << 20, '\xC3')})
    EXPECT_GE(score_toxicity(text), 0);
}

}  // namespace
}  // namespace godseye::guard
