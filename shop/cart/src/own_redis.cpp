#include "own_redis.h"

#include <csignal>

#include <godseye/base/file.h>
#include <godseye/base/spawn.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vcommerce/cart/redis_child.h>
#include <vcommerce/orders/checks.h>

namespace vcommerce::cart {

namespace {

constexpr char kSetpriv[] = "/usr/bin/setpriv";  // of util-linux; the signal comes when the thread that started it ends

bool somebody_listens(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  const base::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

OwnRedis::OwnRedis(std::string directory) : directory_(std::move(directory)), socket_(directory_ + "/redis.sock") {
  // A socket's path is short by the system's rule; a folder's need not be.
  if (socket_.size() >= sizeof(sockaddr_un::sun_path)) socket_ = "/tmp/vcommerce-" + fingerprint(directory_) + ".sock";
}

base::Status OwnRedis::ensure() {
  if (child_ > 0 && waitpid(child_, nullptr, WNOHANG) == 0) return base::ok();
  child_ = -1;
  if (somebody_listens(socket_)) return base::ok();
  const std::string program = find_redis_server();
  if (program.empty()) {
    return base::Error(base::ErrorCode::kNotFound, "redis-server is not installed; name one with --redis");
  }
  base::Result<std::vector<std::string>> command = redis_command(program, directory_, socket_);
  if (!command) return std::move(command).error();
  if (access(kSetpriv, X_OK) == 0) {
    // A service that is killed takes its Redis along, which ends as in an orderly stop: nothing is left behind.
    command->insert(command->begin(), {kSetpriv, "--pdeathsig", "TERM"});
  }
  const base::FileDescriptor nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  base::Result<pid_t> child = base::spawn(*command, {.output = nowhere.get(), .silent = true});
  if (!child) return std::move(child).error();
  child_ = *child;
  return base::ok();
}

void OwnRedis::stop() {
  if (child_ < 0) return;
  ::kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
  child_ = -1;
}

}  // namespace vcommerce::cart
