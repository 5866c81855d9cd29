#pragma once

#include "settings.h"

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include <godseye/api/pages.h>
#include <godseye/base/clock.h>
#include <godseye/base/result.h>

namespace godseye::app {

// `Server` is `godseye serve` without the process around it: it makes every part in the order in which one needs the
// other (registry, store, aggregation, queries, UDP, HTTP, evaluation) and takes them down in reverse.
class Server {
 public:
  // kIo or kInvalidArgument names what could not be opened (a busy port, a directory), kAlreadyExists a data directory
  // in use. Does not wait for the store's engine: intake works without it and /health says so.
  static base::Result<std::unique_ptr<Server>> start(const Settings& settings, base::Clock clock,
                                                     std::span<const api::PageFile> pages);
  // As stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "api_key=… app_key=…" when this start made the first pair; empty otherwise. To be shown once.
  const std::string& first_keys() const;
  // "http=127.0.0.1:43121 dogstatsd=127.0.0.1:40125"
  std::string listeners() const;

  // Stops intake, makes the last cut, puts it into the journal and closes everything, within about `grace`. A second
  // call does nothing.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(8000));

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::app
