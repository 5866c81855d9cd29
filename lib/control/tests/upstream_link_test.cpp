#include "../src/decision_spool.h"
#include "../src/link_messages.h"
#include "../src/sealed_keys.h"
#include "../src/sse.h"

#include <atomic>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include <godseye/base/mutex.h>
#include <godseye/base/temp_dir.h>
#include <godseye/control/control.h>
#include <godseye/control/upstream_link.h>
#include <godseye/net/http_server.h>
#include <godseye/store/span_records.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::control {
namespace {

using gateway::BlockKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Events, AreSplitAndWhatWasCutOffIsLeftOut) {
  const auto events = parse_events("event: a\ndata: one\ndata: two\n\n: ping\n\ndata:three\r\n\r\nevent: b\ndata: cut");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type, "a");
  EXPECT_EQ(events[0].data, "one\ntwo");
  EXPECT_EQ(events[1].type, "message");
  EXPECT_EQ(events[1].data, "three");
}

TEST(DecisionSpool, GivesLinesUntilTheyAreSentAndThenAnEmptyFile) {
  base::TempDir dir;
  const std::string path = dir.file("d.jsonl");
  auto spool = *DecisionSpool::open(path, 100);
  ASSERT_TRUE(spool->append("one"));
  ASSERT_TRUE(spool->append("two"));
  EXPECT_THAT(*spool->next(1, 1000), ElementsAre("one"));
  EXPECT_THAT(*spool->next(10, 1000), ElementsAre("one", "two"));
  ASSERT_TRUE(spool->sent({"one"}));
  EXPECT_THAT(*spool->next(10, 1000), ElementsAre("two"));
  spool = *DecisionSpool::open(path, 100);
  EXPECT_THAT(*spool->next(10, 1000), ElementsAre("one", "two")) << "sent again after a restart";
  ASSERT_TRUE(spool->sent({"one", "two"}));
  EXPECT_EQ(std::filesystem::file_size(path), 0U);
  ASSERT_TRUE(spool->append("three"));
  EXPECT_THAT(*spool->next(10, 1000), ElementsAre("three"));
  EXPECT_EQ(spool->append(std::string(100, 'a')).error().code(), base::ErrorCode::kNoSpace);
}

TEST(DecisionSpool, ALineCutOffByACrashDoesNotSwallowTheNext) {
  base::TempDir dir;
  std::ofstream(dir.file("d")) << "one\ntw";
  auto spool = *DecisionSpool::open(dir.file("d"), 100);
  ASSERT_TRUE(spool->append("three"));
  EXPECT_THAT(*spool->next(10, 1000), ElementsAre("one", "tw", "three"));
}

TEST(LinkMessages, WrongOnesAreErrors) {
  EXPECT_FALSE(parse_watch("[]"));
  EXPECT_FALSE(parse_watch("{}"));
  EXPECT_FALSE(parse_watch(R"({"version":1,"blocks":[{"kind":"x"}]})"));
  EXPECT_FALSE(parse_sync("{}"));
  EXPECT_FALSE(parse_sync(R"({"settings":{"shadwo":true}})"));
  EXPECT_FALSE(parse_saved_policy("half a fi"));
  EXPECT_EQ(parse_version("nonsense"), 0U);
}

template <typename Ask>
bool until(Ask ask, std::chrono::milliseconds most = std::chrono::seconds(15)) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!ask()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// A server with the routes that the link uses, over a real Control, on a port that it keeps over restarts.
class FakeServer {
 public:
  explicit FakeServer(Control& control) : control_(control) {
    control_.on_change([this](const Change& change) {
      const base::MutexLock lock(mutex_);
      for (auto& watcher : watchers_) tell(*watcher, change);
      watchers_.clear();
    });
  }
  ~FakeServer() {
    stop();
    control_.on_change({});
  }
  void start() {
    net::HttpServerConfig config;
    config.address = *net::parse_listen_address("127.0.0.1:" + std::to_string(port_));
    auto server = net::HttpServer::start(std::move(config), [this](const auto& request) { return answer(request); });
    ASSERT_TRUE(server) << server.error().message();
    server_ = *std::move(server);
    const std::string text = server_->address().text();
    port_ = std::stoi(text.substr(text.rfind(':') + 1));
  }
  void stop() {
    {
      const base::MutexLock lock(mutex_);
      for (auto& watcher : watchers_) watcher->close();
      watchers_.clear();
    }
    if (server_) server_->stop(std::chrono::milliseconds(100));
    server_.reset();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // Spans by id, and how often they were kept.
  std::map<uint64_t, int> spans() {
    const base::MutexLock lock(mutex_);
    return spans_;
  }

  std::atomic<int> refuse_spans{0};  // so many bodies are answered 503
  std::atomic<int> lose_answers{0};  // so many bodies are kept and answered 500
  std::atomic<int> bodies_again{0};
  std::atomic<int> refuse_metrics{0};  // so many bodies are answered 503
  std::atomic<bool> refuse_keys{false};
  void set_catalogues(std::string json) {
    const base::MutexLock lock(mutex_);
    catalogues_ = std::move(json);
  }
  std::vector<std::string> metric_bodies() {
    const base::MutexLock lock(mutex_);
    return metric_bodies_;
  }
  std::string key_answers() {
    const base::MutexLock lock(mutex_);
    return key_answers_;
  }
  std::atomic<bool> refuse_for_good{false};

 private:
  static void tell(net::EventStream& stream, const Change& change) {
    std::string data = "{\"version\":" + std::to_string(change.version) +
                       ",\"settings\":" + (change.settings ? "true" : "false") + ",\"blocks\":[";
    for (const auto& block : change.blocks) {
      if (data.back() != '[') data += ',';
      data += gateway::block_json(block, 0);
    }
    stream.send(change.whole ? "snapshot" : "change", data + "]}");
    stream.close();
  }

  net::HttpResponse answer(const net::HttpRequest& request) {
    if (request.path.ends_with("/sync")) return net::json_response(200, *control_.sync_json());
    if (request.path.ends_with("/watch")) {
      const std::string after(request.query.get("after", ""));
      net::HttpResponse response;
      response.stream = std::make_shared<net::EventStream>();
      (void)control_.catch_up(after.empty() ? std::optional<uint64_t>() : std::stoull(after),
                              [&](const Change& change) {
                                const base::MutexLock lock(mutex_);
                                if (change.whole || change.settings || !change.blocks.empty()) {
                                  tell(*response.stream, change);
                                } else {
                                  watchers_.push_back(response.stream);
                                }
                              });
      return response;
    }
    if (request.path.ends_with("/decisions")) {
      std::vector<gateway::Decision> decisions;
      for (size_t at = 0; at < request.body.size();) {
        const size_t end = request.body.find('\n', at);
        decisions.push_back(*gateway::parse_decision(request.body.substr(at, end - at)));
        at = end + 1;
      }
      return net::json_response(202, "{\"version\":" + std::to_string(*control_.take(decisions)) + "}");
    }
    if (request.path.ends_with("/provider-keys")) {
      if (refuse_keys) return net::error_response(403, "no");
      const size_t at = request.body.find(":\"") + 2;
      auto keys = control_.sealed_keys_json(request.body.substr(at, 64));
      const base::MutexLock lock(mutex_);
      if (keys) key_answers_ += *keys;
      return keys ? net::json_response(200, *keys) : net::error_response(400, keys.error().message());
    }
    if (request.path.ends_with("/metrics")) {
      if (refuse_metrics > 0 && refuse_metrics-- > 0) return net::error_response(503, "busy");
      const base::MutexLock lock(mutex_);
      metric_bodies_.push_back(request.body);
      return net::json_response(202, "{}");
    }
    if (request.path.ends_with("/catalogues")) {
      const base::MutexLock lock(mutex_);
      return net::json_response(200, catalogues_);
    }
    if (request.path.ends_with("/products")) return net::json_response(200, "lines of " + request.path);
    return take_spans(request);
  }

  net::HttpResponse take_spans(const net::HttpRequest& request) {
    if (refuse_for_good) return net::error_response(400, "no");
    if (refuse_spans > 0 && refuse_spans-- > 0) return net::error_response(503, "busy");
    const auto batches = store::decode_span_records(request.body);
    EXPECT_TRUE(batches);
    const bool again = request.headers.get("x-godseye-again") == "1";
    bodies_again += again ? 1 : 0;
    const base::MutexLock lock(mutex_);
    for (const auto& batch : *batches) {
      for (const auto& span : batch.spans) {
        // As the server does: ids are looked up only when it is told to.
        if (again && spans_.contains(span.span_id)) continue;
        ++spans_[span.span_id];
      }
    }
    if (lose_answers > 0 && lose_answers-- > 0) return net::error_response(500, "kept, and the answer lost");
    return net::json_response(202, "{}");
  }

  Control& control_;
  int port_ = 0;
  std::unique_ptr<net::HttpServer> server_;
  base::Mutex mutex_;
  std::vector<std::shared_ptr<net::EventStream>> watchers_ GE_GUARDED_BY(mutex_);
  std::map<uint64_t, int> spans_ GE_GUARDED_BY(mutex_);
  std::string catalogues_ GE_GUARDED_BY(mutex_) = R"({"catalogues":[]})";
  std::vector<std::string> metric_bodies_ GE_GUARDED_BY(mutex_);
  std::string key_answers_ GE_GUARDED_BY(mutex_);
};

class UpstreamLinkTest : public ::testing::Test {
 protected:
  UpstreamLinkTest() {
    registry_ = *registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal});
    server_policy_ = std::make_unique<gateway::Policy>(base::system_clock());
    control_ = *Control::open(*registry_, *server_policy_, *registry::KeyVault::open(dir_.file("vault")),
                              base::system_clock(), {});
    server_ = std::make_unique<FakeServer>(*control_);
    server_->start();
    reopen();
  }
  ~UpstreamLinkTest() override {
    link_.reset();
    server_.reset();
    control_.reset();
  }
  // The gateway starts anew on the same directory.
  void reopen(uint64_t spool_max = 1 << 30) {
    link_.reset();
    policy_ = std::make_unique<gateway::Policy>(base::system_clock());
    auto link = UpstreamLink::open({.url = server_->url(),
                                    .directory = dir_.file("gateway"),
                                    .spool_bytes_max = spool_max,
                                    .send_every = std::chrono::milliseconds(5),
                                    .retry_min = std::chrono::milliseconds(5),
                                    .retry_max = std::chrono::milliseconds(50),
                                    .put_catalogue =
                                        [this](std::string_view name, std::string_view lines) {
                                          const base::MutexLock lock(mutex_);
                                          put_[std::string(name)] = lines;
                                          return base::ok();
                                        },
                                    .remove_catalogue =
                                        [this](std::string_view name) {
                                          const base::MutexLock lock(mutex_);
                                          put_.erase(std::string(name));
                                        },
                                    .catalogue_names =
                                        [this] {
                                          const base::MutexLock lock(mutex_);
                                          std::vector<std::string> names;
                                          for (const auto& [name, lines] : put_) names.push_back(name);
                                          return names;
                                        }},
                                   *policy_, base::system_clock());
    ASSERT_TRUE(link) << link.error().message();
    link_ = *std::move(link);
  }
  bool blocked(std::string_view value) { return policy_->blocks.find(BlockKind::kSession, value).has_value(); }
  base::Result<gateway::Block> block(std::string value) {
    return control_->set_block({.kind = BlockKind::kSession, .value = std::move(value)}, "ana");
  }
  signal::SpanBatch batch(uint64_t first, uint64_t count, size_t text_bytes = 10) {
    signal::SpanBatch out;
    for (uint64_t id = first; id < first + count; ++id) {
      signal::Span span;
      span.trace_id_low = 1;
      span.span_id = id;
      span.service = out.add(std::string(text_bytes, 'a') + std::to_string(id));
      out.spans.push_back(span);
    }
    return out;
  }
  void expect_once(uint64_t count) {
    const auto spans = server_->spans();
    EXPECT_EQ(spans.size(), count);
    for (const auto& [id, times] : spans) EXPECT_EQ(times, 1) << "span " << id;
  }

  std::map<std::string, std::string> catalogues() {
    const base::MutexLock lock(mutex_);
    return put_;
  }
  std::string key_of(std::string_view provider) {
    const auto key = link_->provider_key(provider);
    return key ? key->text : "";
  }

  base::TempDir dir_;
  base::Mutex mutex_;
  std::map<std::string, std::string> put_ GE_GUARDED_BY(mutex_);
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<gateway::Policy> server_policy_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<FakeServer> server_;
  std::unique_ptr<gateway::Policy> policy_;
  std::unique_ptr<UpstreamLink> link_;
};

TEST_F(UpstreamLinkTest, ABlockIsInForceHereWithinASecondAndSoIsItsEnd) {
  ASSERT_TRUE(until([&] { return link_->stats().connected; }));
  for (int i = 0; i < 20; ++i) {
    const std::string name = "m" + std::to_string(i);
    ASSERT_TRUE(block(name));
    EXPECT_TRUE(until([&] { return blocked(name); }, std::chrono::milliseconds(1000))) << name;
  }
  ASSERT_TRUE(control_->lift_block(BlockKind::kSession, "m3", "ana"));
  EXPECT_TRUE(until([&] { return !blocked("m3"); }, std::chrono::milliseconds(1000)));
  EXPECT_TRUE(blocked("m4"));
}

TEST_F(UpstreamLinkTest, SettingsAndKeysFollow) {
  ASSERT_TRUE(until([&] { return link_->stats().connected; }));
  const auto key = control_->create_virtual_key({.name = "shop"}, "ana");
  ASSERT_TRUE(control_->put_settings(R"({"automatic_blocking":false})", -1, "ana"));
  EXPECT_TRUE(until([&] { return !policy_->settings.now()->auto_block.enabled; }));
  EXPECT_TRUE(until([&] { return policy_->virtual_keys.check(key->text).has_value(); }));
}

TEST_F(UpstreamLinkTest, WithoutTheServerKnownBlocksSettingsAndKeysSurviveARestart) {
  const auto key = control_->create_virtual_key({.name = "shop"}, "ana");
  ASSERT_TRUE(control_->put_settings(R"({"shadow":true})", -1, "ana"));
  ASSERT_TRUE(block("m"));
  ASSERT_TRUE(until([&] { return blocked("m") && policy_->virtual_keys.check(key->text).has_value(); }));
  server_->stop();
  reopen();
  EXPECT_TRUE(blocked("m"));
  EXPECT_TRUE(policy_->settings.now()->shadow);
  EXPECT_TRUE(policy_->virtual_keys.check(key->text));
  ASSERT_TRUE(control_->lift_block(BlockKind::kSession, "m", "ana"));
  server_->start();
  EXPECT_TRUE(until([&] { return !blocked("m"); })) << "lifted while nobody could tell";
  std::ifstream file(dir_.file("gateway") + "/policy.json");
  const std::string saved((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(saved.find(key->text), std::string::npos);
}

TEST_F(UpstreamLinkTest, WhatThisGatewayBlocksIsInForceAtOnceAndReachesTheServer) {
  server_->stop();
  for (int i = 0; i < 3; ++i) policy_->auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  EXPECT_TRUE(blocked("m"));
  reopen();
  EXPECT_TRUE(blocked("m")) << "after a restart without the server";
  server_->start();
  EXPECT_TRUE(until([&] { return server_policy_->blocks.find(BlockKind::kSession, "m").has_value(); }));
  EXPECT_TRUE(blocked("m"));
  EXPECT_TRUE(until([&] { return link_->stats().decisions_waiting == 0; }));
  ASSERT_TRUE(control_->lift_block(BlockKind::kSession, "m", "ana"));
  EXPECT_TRUE(until([&] { return !blocked("m"); }));
  const auto entries = *registry_->fetch<std::vector<registry::AuditRow>>(
      [](registry::ReadSession& s) { return registry::list_audit(s, {.action = "block.set"}); });
  EXPECT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].actor, "gateway gateway");
}

TEST_F(UpstreamLinkTest, SpansSpooledWithoutTheServerArriveOnceAfterItIsBack) {
  server_->stop();
  for (uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(link_->deliver(batch(1 + i * 10, 10)));
  EXPECT_EQ(link_->stats().spans_spooled, 500U);
  reopen();
  for (uint64_t i = 50; i < 60; ++i) ASSERT_TRUE(link_->deliver(batch(1 + i * 10, 10)));
  server_->start();
  EXPECT_TRUE(until([&] { return server_->spans().size() == 600; }));
  EXPECT_TRUE(until([&] { return link_->stats().spool_segments == 0; }));
  expect_once(600);
}

TEST_F(UpstreamLinkTest, SpansWhoseAnswerWasLostAreMarkedAndCountOnce) {
  server_->lose_answers = 3;
  server_->refuse_spans = 2;
  for (uint64_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(link_->deliver(batch(1 + i * 10, 10)));
    if (i % 5 == 0) std::this_thread::yield();
  }
  EXPECT_TRUE(until([&] { return server_->spans().size() == 300 && link_->stats().spool_segments == 0; }));
  expect_once(300);
  EXPECT_GT(server_->bodies_again.load(), 0);
}

TEST_F(UpstreamLinkTest, AFullSpoolDropsTheOldestAndSaysSo) {
  server_->stop();
  reopen(200'000);
  for (uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(link_->deliver(batch(1 + i * 10, 10, 500)));
  const UpstreamStats stats = link_->stats();
  EXPECT_GT(stats.spans_dropped, 0U);
  EXPECT_LE(stats.spool_bytes, 200'000U);
  server_->start();
  EXPECT_TRUE(until([&] { return link_->stats().spool_segments == 0 && link_->stats().spans_sent > 0; }));
  EXPECT_TRUE(until([&] { return server_->spans().contains(1000); })) << "the newest";
  EXPECT_FALSE(server_->spans().contains(1)) << "the oldest";
  EXPECT_EQ(server_->spans().size(), 1000 - stats.spans_dropped);
}

TEST_F(UpstreamLinkTest, WhatTheServerRefusesForGoodIsSetAside) {
  server_->refuse_for_good = true;
  ASSERT_TRUE(link_->deliver(batch(1, 3)));
  EXPECT_TRUE(until([&] { return link_->stats().spans_refused == 3; }));
  server_->refuse_for_good = false;
  ASSERT_TRUE(link_->deliver(batch(10, 2)));
  EXPECT_TRUE(until([&] { return server_->spans().size() == 2; }));
  EXPECT_FALSE(std::filesystem::is_empty(dir_.file("gateway") + "/spool/quarantine"));
}

TEST_F(UpstreamLinkTest, AFileThatIsNoPolicyDoesNotKeepItFromServing) {
  link_.reset();
  std::ofstream(dir_.file("gateway") + "/policy.json") << "half a fi";
  reopen();
  ASSERT_TRUE(block("m"));
  EXPECT_TRUE(until([&] { return blocked("m"); }));
  EXPECT_FALSE(UpstreamLink::open({.url = "nowhere", .directory = dir_.file("x")}, *policy_, base::system_clock()));
}

TEST_F(UpstreamLinkTest, AKeyOfAProviderComesSealedAndIsInNoFile) {
  const std::string secret = "sk-upstream-secret-000111222333";
  auto row = control_->add_provider_key({.provider = "openai", .name = "main"}, secret, "ana");
  ASSERT_TRUE(row) << row.error().message();
  EXPECT_TRUE(until([&] { return key_of("openai") == secret; }));
  EXPECT_EQ(key_of("gemini"), "");
  EXPECT_EQ(server_->key_answers().find(secret), std::string::npos) << "it went over the wire as it is";
  for (const auto& file : std::filesystem::recursive_directory_iterator(dir_.file("gateway"))) {
    if (!file.is_regular_file()) continue;
    std::ostringstream bytes;
    bytes << std::ifstream(file.path()).rdbuf();
    EXPECT_EQ(bytes.str().find(secret), std::string::npos) << file.path();
  }
  ASSERT_TRUE(control_->set_provider_key_disabled(row->id, true, "ana"));
  EXPECT_TRUE(until([&] { return key_of("openai").empty(); })) << "disabled";
  ASSERT_TRUE(control_->set_provider_key_disabled(row->id, false, "ana"));
  EXPECT_TRUE(until([&] { return key_of("openai") == secret; }));
  server_->refuse_keys = true;
  ASSERT_TRUE(control_->set_provider_key_disabled(row->id, false, "ana"));
  EXPECT_TRUE(until([&] { return key_of("openai").empty(); })) << "a server that hands out none takes them away";
}

TEST_F(UpstreamLinkTest, CataloguesFollowTheServer) {
  ASSERT_TRUE(until([&] { return link_->stats().connected; }));
  server_->set_catalogues(R"({"catalogues":[{"name":"shop","version":1,"updated":"a"},{"name":"old","version":4}]})");
  const auto changed = [&] { ASSERT_TRUE(control_->put_settings("{}", -1, "ana")); };
  changed();
  EXPECT_TRUE(until([&] { return catalogues().size() == 2; }));
  EXPECT_EQ(catalogues().at("shop"), "lines of /api/godseye/v1/catalogues/shop/products");
  server_->set_catalogues(R"({"catalogues":[{"name":"shop","version":2,"updated":"b"}]})");
  changed();
  EXPECT_TRUE(until([&] { return catalogues().size() == 1; }));
  EXPECT_EQ(link_->stats().catalogues, 1U);
}

TEST_F(UpstreamLinkTest, LinesOfMetricsArriveAfterTheServerWasGone) {
  server_->refuse_metrics = 1;
  link_->deliver_metrics("tryon.security.invalid_image:1|c|#kind:svg\ntryon.security.decompression_bomb:1|c\n");
  ASSERT_TRUE(until([&] { return link_->stats().metrics_sent == 2; }));
  const std::string body = server_->metric_bodies().at(0);
  EXPECT_THAT(body, HasSubstr(" tryon.security.invalid_image:1|c|#kind:svg\n"));
  EXPECT_THAT(body, HasSubstr(" tryon.security.decompression_bomb:1|c\n"));
  EXPECT_EQ(body.find(' '), 24U) << "an id before each: " << body;
}

TEST(SealedKeys, OpenForTheirPairAlone) {
  const SealingPair mine;
  const SealingPair other;
  const std::string sealed = *seal_for(mine.public_key(), "secret");
  EXPECT_EQ(*mine.open(sealed), "secret");
  EXPECT_FALSE(other.open(sealed));
  EXPECT_FALSE(mine.open(sealed.substr(2)));
  EXPECT_FALSE(mine.open("zz"));
  EXPECT_FALSE(seal_for("1234", "secret"));
  EXPECT_FALSE(seal_for(std::string(64, 'g'), "secret"));
}

}  // namespace
}  // namespace godseye::control
