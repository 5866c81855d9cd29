#pragma once

#include <map>
#include <string>

#include <godseye/sdk/settings.h>

#include <vcommerce/runtime/host.h>

// One service in this process, until SIGTERM or SIGINT.
namespace vcommerce {

struct ServeOptions {
  runtime::Host::Config host;
  std::map<std::string, std::string> settings;
  sdk::Settings sdk;
  bool supervised = false;  // ends when its parent does
};

// Prints `listening grpc=ADDRESS` once it serves; log lines go to standard error. The exit code: 0 stopped, 1 it could
// not start, 2 its settings are wrong.
int serve(const runtime::ServiceInfo& info, ServeOptions options);

// Exit codes that a supervisor tells apart.
inline constexpr int kExitCannotStart = 1;
inline constexpr int kExitWrongSettings = 2;

}  // namespace vcommerce
