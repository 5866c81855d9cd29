#pragma once

#include "log_file.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

#include <sys/types.h>
#include <vcommerce/runtime/names.h>

// One process per service: started with the addresses of all the others, started again when it dies, stopped together.
// A service's port is held by a socket of this process that never listens, so nobody else takes it between two lives.
// Everything happens in run(), on its thread.
namespace vcommerce {

struct SupervisorOptions {
  std::string program;                // what is started: this program
  std::vector<std::string> services;  // names
  std::string host = "127.0.0.1";
  uint16_t base_port = 0;  // 0: free ports
  bool json = false;
  std::vector<std::string> child_arguments;  // for every child
  std::string log;                           // file of what the children print as errors; empty: this process's own
  LogFile::Limits log_limits;
  // Says `<service>.health` critical for a service that is down.
  std::function<void(const std::string& service, const std::string& why)> report_down;
};

class Supervisor {
 public:
  // kUnavailable names the port that is taken, kIo the log that cannot be written.
  static base::Result<std::unique_ptr<Supervisor>> create(SupervisorOptions options, base::Clock clock);
  ~Supervisor();

  // Starts all, prints a line for each event, returns when SIGTERM or SIGINT stopped them: the exit code. Requires:
  // those signals and SIGCHLD are blocked in every thread.
  int run();

  // What is printed: `EVENT service=… …`, or with --json one object a line.
  static std::string event_line(bool json, std::string_view event,
                                const std::vector<std::pair<std::string_view, std::string>>& fields);

  static constexpr std::chrono::seconds kStartWithin{30};
  static constexpr std::chrono::milliseconds kStopWithin{12'000};
  static constexpr std::chrono::seconds kDownReportInterval{10};

 private:
  class Parts;
  explicit Supervisor(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace vcommerce
