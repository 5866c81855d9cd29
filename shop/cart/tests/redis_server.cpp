#include "redis_server.h"

#include "redis.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/spawn.h>

#include <sys/wait.h>
#include <unistd.h>
#include <vcommerce/cart/redis_child.h>

namespace vcommerce::cart {

std::unique_ptr<RedisServer> RedisServer::start(const std::string& name) {
  if (find_redis_server().empty()) return nullptr;
  // Not in the test's own directory, whose path may be too long for a socket's.
  const std::string directory = "/tmp/vc-" + std::to_string(getpid()) + "-" + name;
  std::filesystem::create_directories(directory);
  std::unique_ptr<RedisServer> server(new RedisServer(directory));
  return server->start_again() ? std::move(server) : nullptr;
}

RedisServer::~RedisServer() {
  end(SIGKILL);
  std::filesystem::remove_all(directory_);
}

void RedisServer::end(int signal) {
  if (child_ < 0) return;
  ::kill(child_, signal);
  waitpid(child_, nullptr, 0);
  child_ = -1;
}

void RedisServer::kill() { end(SIGKILL); }
void RedisServer::stop() { end(SIGTERM); }

bool RedisServer::answers() const {
  const auto address = RedisAddress::parse(url());
  Redis redis({.address = *address}, base::system_clock());
  return redis.command({"PING"}).has_value();
}

bool RedisServer::start_again() {
  const auto command = redis_command(find_redis_server(), directory_, directory_ + "/redis.sock");
  if (!command) return false;
  const auto child = base::spawn(*command, {.silent = true});
  if (!child) return false;
  child_ = *child;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!answers()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // a poll with a bound
  }
  return true;
}

}  // namespace vcommerce::cart
