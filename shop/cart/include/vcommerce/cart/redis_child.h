#pragma once

#include <string>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// How a Redis for carts is started where nobody brings one: by the program that supervises the services, and by tests.
// It listens on a Unix socket alone, logs every change (a kill loses at most a second), and refuses to grow beyond its
// memory instead of forgetting carts.
namespace vcommerce::cart {

// Where redis-server is; empty: it is not installed.
std::string find_redis_server();

// The words of its command. kInvalidArgument: the socket's path is longer than a socket's may be (107 bytes). The
// directory must be there.
base::Result<std::vector<std::string>> redis_command(const std::string& program, const std::string& directory,
                                                     const std::string& socket, int memory_mb = 64);

}  // namespace vcommerce::cart
