#include <godseye/api/intake_routes.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

constexpr int64_t kNow = 1'700'000'000;

class AnyKey : public KeyChecker {
 public:
  bool api_key_valid(std::string_view key) const override { return !key.empty(); }
  bool application_key_valid(std::string_view) const override { return false; }
};

class IntakeRoutesTest : public testing::Test {
 protected:
  IntakeRoutesTest() { routes_.add_to(router_); }

  net::HttpResponse post(std::string path, std::string body, std::string key = "k") {
    net::HttpRequest out;
    out.method = "POST";
    out.target = out.raw_path = out.path = std::move(path);
    out.body = std::move(body);
    if (!key.empty()) out.headers.add("DD-API-KEY", key);
    return router_.handle(out);
  }

  AnyKey keys_;
  Router router_{keys_, {}};
  pipeline::MetricIntake intake_{{}, {.wall = [] { return base::WallTime(std::chrono::seconds(kNow)); }, .tick = {}}};
  base::Status journal_ = base::ok();
  std::vector<signal::MetricBatch> kept_;
  IntakeRoutes routes_{intake_, [this](const signal::MetricBatch& batch) {
                         if (journal_) kept_.push_back(batch);
                         return journal_;
                       }};
};

constexpr const char* kOnePoint = R"({"series":[{"metric":"m","points":[[1700000000,1]]}]})";

TEST_F(IntakeRoutesTest, AcknowledgesWhatIsInTheJournal) {
  const net::HttpResponse v1 = post("/api/v1/series", kOnePoint);
  EXPECT_EQ(v1.status, 202);
  EXPECT_EQ(v1.body, R"({"status":"ok"})");
  const net::HttpResponse v2 =
      post("/api/v2/series", R"({"series":[{"metric":"m","points":[{"timestamp":1700000000,"value":1}]}]})");
  EXPECT_EQ(v2.status, 202);
  EXPECT_EQ(v2.body, R"({"errors":[]})");
  EXPECT_EQ(kept_.size(), 2U);
}

TEST_F(IntakeRoutesTest, SaysWhyItKeptNothing) {
  EXPECT_EQ(post("/api/v1/series", "{").status, 400);
  EXPECT_EQ(post("/api/v1/series", kOnePoint, "").status, 403);
  journal_ = base::Error(base::ErrorCode::kQueueFull, "the journal is full");
  const net::HttpResponse full = post("/api/v1/series", kOnePoint);
  EXPECT_EQ(full.status, 429);
  EXPECT_NE(full.body.find("the journal is full"), std::string::npos);
  EXPECT_TRUE(kept_.empty());
  EXPECT_EQ(routes_.stats().refused_malformed, 1U);
  EXPECT_EQ(routes_.stats().refused_journal, 1U);
}

}  // namespace
}  // namespace godseye::api
