#include <sys/un.h>
#include <unistd.h>
#include <vcommerce/cart/redis_child.h>

namespace vcommerce::cart {

std::string find_redis_server() {
  for (const char* path : {"/usr/bin/redis-server", "/usr/local/bin/redis-server"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return {};
}

base::Result<std::vector<std::string>> redis_command(const std::string& program, const std::string& directory,
                                                     const std::string& socket, int memory_mb) {
  if (socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return base::Error(base::ErrorCode::kInvalidArgument, "the path of a socket is too long: " + socket);
  }
  return std::vector<std::string>{program,
                                  "--port",
                                  "0",
                                  "--unixsocket",
                                  socket,
                                  "--unixsocketperm",
                                  "700",  //
                                  "--dir",
                                  directory,
                                  "--daemonize",
                                  "no",
                                  "--logfile",
                                  directory + "/redis.log",
                                  "--loglevel",
                                  "warning",
                                  "--appendonly",
                                  "yes",
                                  "--appendfsync",
                                  "everysec",
                                  "--save",
                                  "",  //
                                  "--maxmemory",
                                  std::to_string(memory_mb) + "mb",
                                  "--maxmemory-policy",
                                  "noeviction",
                                  "--maxclients",
                                  "1000"};
}

}  // namespace vcommerce::cart
