#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godseye/api/management_routes.h>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace godseye::api {

// Routes of incidents and cases over a registry of their own, without keys.
class WorkRoutesTest : public ::testing::Test {
 protected:
  class AnyKeys : public KeyChecker {
   public:
    bool api_key_valid(std::string_view) const override { return true; }
    bool application_key_valid(std::string_view) const override { return true; }
  };
  struct Directory {
    Directory() {
      std::string pattern = (std::filesystem::temp_directory_path() / "godseye-api-XXXXXX").string();
      path = ::mkdtemp(pattern.data());
    }
    ~Directory() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  };

  WorkRoutesTest()
      : registry_(*registry::Registry::open({.path = dir_.path / "r", .sync = registry::Sync::kNormal})),
        clock_{.wall = [this] { return base::WallTime(std::chrono::seconds(now_s_)); },
               .tick = [] { return base::TickTime{}; }},
        router_(keys_, {.anonymous_loopback = true}) {
    const ManagementParts parts{.registry = *registry_,
                                .evaluator = [] { return nullptr; },
                                .clock = clock_,
                                .on_change = [this](std::string_view topic) { topics_ += std::string(topic) + " "; },
                                .public_url = "http://g"};
    add_incident_routes(router_, parts);
    add_case_routes(router_, parts);
  }

  net::HttpResponse call(std::string method, std::string path, std::string body = {},
                         std::vector<std::pair<std::string, std::string>> query = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = request.raw_path = request.path = std::move(path);
    request.query = net::QueryPairs(std::move(query));
    request.body = std::move(body);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }

  Directory dir_;
  int64_t now_s_ = 1'700'000'000;
  std::unique_ptr<registry::Registry> registry_;
  base::Clock clock_;
  AnyKeys keys_;
  Router router_;
  std::string topics_;
};

}  // namespace godseye::api
