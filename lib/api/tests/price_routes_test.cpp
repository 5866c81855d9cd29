#include <chrono>

#include <godseye/api/price_routes.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::api {
namespace {

using testing::HasSubstr;

class NoKeys : public KeyChecker {
 public:
  bool api_key_valid(std::string_view) const override { return false; }
  bool application_key_valid(std::string_view) const override { return false; }
};

class PriceRoutes : public testing::Test {
 protected:
  PriceRoutes() {
    base::Clock clock{[] { return base::WallTime(std::chrono::seconds(1'795'000'000)); },
                      [] { return base::TickTime(); }};
    add_price_routes(router_, {.book = *book_, .clock = clock, .save = [this](const std::string& json) {
                                 if (disk_full_) return base::Status(base::Error(base::ErrorCode::kNoSpace, "full"));
                                 saved_ = json;
                                 return base::ok();
                               }});
  }
  net::HttpResponse send(std::string method, std::string body = {}, std::string_view query = {}) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.path = request.raw_path = request.target = "/api/godseye/v1/prices";
    request.body = std::move(body);
    if (!query.empty()) request.query = *net::parse_query(query);
    request.remote_is_loopback = true;
    return router_.handle(request);
  }

  NoKeys keys_;
  Router router_{keys_, {.anonymous_loopback = true}};
  std::unique_ptr<pipeline::PriceBook> book_ = *pipeline::PriceBook::shipped();
  std::string saved_ = "nothing";
  bool disk_full_ = false;
};

TEST_F(PriceRoutes, OneModelIsAskedFor) {
  const net::HttpResponse found = send("GET", {}, "provider=openai&model=gpt-4o-mini");
  EXPECT_EQ(found.status, 200);
  EXPECT_THAT(found.body, HasSubstr(R"("row":"openai/gpt-4o-mini")"));
  EXPECT_EQ(send("GET", {}, "model=gpt-99").status, 404);
}

TEST_F(PriceRoutes, AnOverrideIsKeptShownAndRemoved) {
  const std::string rows = R"({"models":[{"provider":"openai","model":"gpt-99","prices":[{"input":1,"output":2}]}]})";
  EXPECT_EQ(send("PUT", rows).status, 200);
  EXPECT_EQ(saved_, rows);
  EXPECT_EQ(send("GET", {}, "model=gpt-99").status, 200);
  EXPECT_THAT(send("GET").body, HasSubstr("gpt-99"));
  EXPECT_EQ(send("DELETE").status, 200);
  EXPECT_EQ(saved_, "");
  EXPECT_EQ(send("GET", {}, "model=gpt-99").status, 404);
}

TEST_F(PriceRoutes, WhatIsWrongOrCannotBeKeptChangesNothing) {
  EXPECT_EQ(send("PUT", "").status, 400);
  const net::HttpResponse wrong = send("PUT", R"({"models":[{"provider":"p","model":"x","prices":[{"input":-1}]}]})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("models[0].prices[0].input"));
  EXPECT_EQ(saved_, "nothing");
  disk_full_ = true;
  const std::string rows = R"({"models":[{"provider":"openai","model":"gpt-99","prices":[{"input":1}]}]})";
  EXPECT_EQ(send("PUT", rows).status, 503);
  EXPECT_EQ(send("GET", {}, "model=gpt-99").status, 404);
}

}  // namespace
}  // namespace godseye::api
