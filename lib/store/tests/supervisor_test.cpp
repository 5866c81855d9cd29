#include "supervisor.h"

#include "fakes/real_engine.h"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace godseye::store {
namespace {

using namespace std::chrono_literals;

TEST(Supervisor, ReplacesAnEngineThatStoppedAnswering) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  HttpEngineConfig http;
  http.unix_socket = directory.path() + "/engine.sock";
  http.database = "godseye";
  const auto engine = std::make_shared<HttpEngine>(http);
  SupervisorConfig config;
  config.child = {testing::store_program(), "--data-dir", directory.path() + "/clickhouse", "--socket",
                  http.unix_socket,         "--parent",   std::to_string(::getpid())};
  config.database = "godseye";
  config.check_interval = 20ms;
  config.check_timeout = 100ms;
  Supervisor supervisor(config, engine, [&](std::chrono::milliseconds timeout) { return engine->ping(timeout); });
  ASSERT_TRUE(supervisor.wait_ready(std::chrono::steady_clock::now() + 60s));
  const pid_t stuck = supervisor.child_id();
  ASSERT_EQ(::kill(stuck, SIGSTOP), 0);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while ((supervisor.child_id() == stuck || !supervisor.ready()) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_NE(supervisor.child_id(), stuck);
  EXPECT_TRUE(supervisor.ready());
  EXPECT_EQ(supervisor.restarts(), 1U);
}

TEST(ChildProcess, SaysHowItEnded) {
  auto child = ChildProcess::spawn({"/bin/sh", "-c", "exit 3"});
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_TRUE(child->ended(10s));
  EXPECT_EQ(child->ending(), "exit code 3");
  auto stubborn = ChildProcess::spawn({"/bin/sleep", "60"});
  ASSERT_TRUE(stubborn);
  ASSERT_EQ(::kill(stubborn->id(), SIGSTOP), 0);  // deaf to SIGTERM once it stands still
  ASSERT_EQ(::waitpid(stubborn->id(), nullptr, WUNTRACED), stubborn->id());
  EXPECT_FALSE(stubborn->ended(0ms));
  stubborn->stop(50ms);
  EXPECT_EQ(stubborn->ending(), "signal 9");
  EXPECT_FALSE(ChildProcess::spawn({"/nonexistent/program"}));
}

}  // namespace
}  // namespace godseye::store
