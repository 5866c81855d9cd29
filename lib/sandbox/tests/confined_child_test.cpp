#include "confined_child.h"

#include <csignal>
#include <string>

#include <gtest/gtest.h>

namespace godseye::sandbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

base::Result<ChildRun> shell(const std::string& script, std::string_view input = {},
                             milliseconds limit = milliseconds(10'000)) {
  return run_child({"/bin/sh", "-c", script}, input, 64, steady_clock::now() + limit);
}

TEST(ConfinedChild, ReadsItsInputAndAnswers) {
  const auto run = shell("cat; exit 3", "hello");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->answer, "hello");
  EXPECT_EQ(run->exit_code, 3);
  EXPECT_EQ(run->signal, 0);
  EXPECT_FALSE(run->timed_out);
}

TEST(ConfinedChild, InheritsNothing) {
  const auto run = shell("ls /proc/self/fd | tr '\\n' ' '; env | grep -c HOME");
  ASSERT_TRUE(run);
  // ls itself opens 3 to list.
  EXPECT_EQ(run->answer, "0 1 2 3 0\n");
}

TEST(ConfinedChild, CannotChangeItsInput) {
  const auto run = shell("echo changed >/proc/self/fd/0 2>/dev/null || echo refused; cat", "input");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->answer, "refused\ninput");
}

TEST(ConfinedChild, IsKilledAtTheDeadline) {
  const auto run = shell("echo part; exec sleep 600", {}, milliseconds(50));
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->timed_out);
  EXPECT_EQ(run->signal, SIGKILL);
}

TEST(ConfinedChild, IsKilledWhenItClosesItsAnswerAndLivesOn) {
  const auto run = shell("exec >&-; exec sleep 600", {}, milliseconds(50));
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->timed_out);
}

TEST(ConfinedChild, IsEndedWhenItTalksTooMuch) {
  const auto run = shell("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->signal, SIGKILL);
  EXPECT_FALSE(run->timed_out);
}

TEST(ConfinedChild, TellsTheSignalThatEndedIt) {
  const auto run = shell("kill -SEGV $$");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->signal, SIGSEGV);
}

TEST(ConfinedChild, NamesAProgramThatIsNotThere) {
  const auto run = run_child({"/nonexistent/program"}, "x", 64, steady_clock::now() + milliseconds(1000));
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code(), base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace godseye::sandbox
