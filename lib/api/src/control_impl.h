#pragma once

#include "block_watch.h"

#include <atomic>
#include <deque>
#include <string>
#include <unordered_set>

#include <godseye/api/control_routes.h>
#include <godseye/api/errors.h>
#include <godseye/base/mutex.h>

namespace godseye::api {

// One instance for all routes; each source file has some of them.
class ControlRoutes::Impl {
 public:
  explicit Impl(ControlParts given) : parts(std::move(given)), watch(parts.control, parts.clock) {}

  void add_block_routes(Router& router);
  void add_policy_routes(Router& router);
  void add_key_routes(Router& router);
  void add_link_routes(Router& router);

  int64_t now_s() const { return base::unix_seconds(parts.clock.wall()); }
  // Who the audit log names: the person who is signed in; else what the caller says, and the name of the key.
  static std::string actor(const Request& request, std::string_view author);

  const ControlParts parts;
  BlockWatch watch;
  std::atomic<uint64_t> spans_bodies{0}, spans_bytes{0}, spans_malformed{0}, spans_refused{0};
  std::atomic<uint64_t> metric_lines{0}, metric_lines_known{0};

 private:
  net::HttpResponse list_blocks(const Request& request) const;
  net::HttpResponse set_block(const Request& request);
  net::HttpResponse lift_block(const Request& request);
  net::HttpResponse lift_block_id(const Request& request);
  net::HttpResponse settings(const Request& request) const;
  net::HttpResponse put_settings(const Request& request);
  net::HttpResponse shadow(const Request& request) const;
  net::HttpResponse audit(const Request& request) const;
  net::HttpResponse feedback(const Request& request) const;
  net::HttpResponse add_feedback(const Request& request);
  net::HttpResponse export_feedback(const Request& request) const;
  net::HttpResponse provider_keys() const;
  net::HttpResponse add_provider_key(const Request& request);
  net::HttpResponse change_provider_key(const Request& request);
  net::HttpResponse virtual_keys() const;
  net::HttpResponse add_virtual_key(const Request& request);
  net::HttpResponse change_virtual_key(const Request& request);
  net::HttpResponse take_decisions(const Request& request);
  net::HttpResponse take_spans(const Request& request);
  net::HttpResponse take_metrics(const Request& request) GE_EXCLUDES(metric_ids_mutex_);
  net::HttpResponse sealed_keys(const Request& request) const;

  base::Mutex metric_ids_mutex_;
  std::unordered_set<std::string> metric_ids_ GE_GUARDED_BY(metric_ids_mutex_);
  std::deque<std::string> metric_ids_by_age_ GE_GUARDED_BY(metric_ids_mutex_);
};

}  // namespace godseye::api
