#pragma once

#include "data_lock.h"
#include "gateway_path.h"
#include "settings.h"

#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/control/upstream_link.h>
#include <godseye/pipeline/catalogues.h>
#include <godseye/pipeline/prices.h>

namespace godseye::app {

// `godseye gateway`: the gateway without store and registry. With --upstream blocks, settings and virtual keys come
// from that server, spans and decisions go to it, over `<data-dir>/gateway` when it is gone (control/upstream_link.h).
// Catalogues and keys of providers come from there as well; keys stay in memory. Without it, it guards by the defaults,
// its spans go nowhere, and provider keys are those of the environment.
// Threads: one thread starts, asks and stops it.
class LoneGateway {
 public:
  static base::Result<std::unique_ptr<LoneGateway>> start(const Settings& settings, base::Clock clock);
  ~LoneGateway();
  LoneGateway(const LoneGateway&) = delete;
  LoneGateway& operator=(const LoneGateway&) = delete;

  // "gateway=127.0.0.1:8081"
  std::string listeners() const;
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(5000));

 private:
  LoneGateway(DataLock lock, base::Clock clock) : lock_(std::move(lock)), policy_(std::move(clock)) {}

  // In the order of their making.
  DataLock lock_;
  gateway::Policy policy_;
  std::unique_ptr<pipeline::CatalogueBook> catalogues_;
  std::unique_ptr<control::UpstreamLink> link_;
  std::unique_ptr<pipeline::PriceBook> prices_;
  std::unique_ptr<sandbox::ImageDecoder> decoder_;
  std::unique_ptr<gateway::Gateway> gateway_;
};

}  // namespace godseye::app
