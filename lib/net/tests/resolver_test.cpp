#include "resolver.h"

#include "fakes/loop_runner.h"

#include <future>

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace godseye::net {
namespace {

Task<> look_up(IoLoop& loop, Resolver& resolver, std::string host, std::optional<base::Result<SocketAddresses>>& out) {
  base::Result<SocketAddresses> found =
      co_await resolver.resolve(loop, host, 80, std::chrono::milliseconds(20), nullptr);
  out.emplace(std::move(found));
}

TEST(Resolver, OneThatHangsHoldsNobody) {
  auto loops = *IoLoops::start({.threads = 1, .thread_name = "test"});
  auto release = std::make_shared<std::promise<void>>();
  auto ended = std::make_shared<std::promise<void>>();
  std::future<void> after = ended->get_future();
  {
    Resolver resolver(1, 4, std::chrono::seconds(60), [release, ended](const std::string&, uint16_t) {
      release->get_future().wait();
      ended->set_value();
      return base::Result<SocketAddresses>(SocketAddresses(1));
    });
    std::optional<base::Result<SocketAddresses>> found;
    run_on(loops->at(0), look_up(loops->at(0), resolver, "hangs.example", found));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->error().code(), base::ErrorCode::kTimeout);
  }  // does not wait
  loops->stop();
  loops.reset();
  release->set_value();  // what it finds now has nowhere to go
  EXPECT_EQ(after.wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(Resolver, KeepsWhatItFound) {
  auto loops = *IoLoops::start({.threads = 1, .thread_name = "test"});
  std::atomic<int> asked{0};
  Resolver resolver(1, 4, std::chrono::seconds(60), [&](const std::string&, uint16_t) {
    ++asked;
    return base::Result<SocketAddresses>(SocketAddresses(2));
  });
  for (int i = 0; i < 3; ++i) {
    std::optional<base::Result<SocketAddresses>> found;
    for (int tries = 0; tries < 500 && (!found || !*found); ++tries) {
      run_on(loops->at(0), look_up(loops->at(0), resolver, "name.example", found));
    }
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->size(), 2U);
  }
  EXPECT_EQ(asked, 1);
  loops->stop();
}

}  // namespace
}  // namespace godseye::net
