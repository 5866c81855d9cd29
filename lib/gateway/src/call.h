#pragma once

#include "core.h"
#include "finished_call.h"
#include "forward.h"
#include "prompt_guards.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/gateway/settings.h>
#include <godseye/genai/embeddings.h>
#include <godseye/genai/error.h>
#include <godseye/genai/requests.h>
#include <godseye/genai/route.h>
#include <godseye/net/stream_client.h>
#include <godseye/net/stream_server.h>

namespace godseye::gateway {

class AnswerStream;

// `Call` is one request in its order (docs/gateway.md, "Life of a call"): each step of `run` is a function that either
// goes on or has answered. What the steps learn is gathered in a FinishedCall, which goes to the recorder when the call
// is over, however it ended. Lives in the coroutine of its exchange, on one loop.
class Call {
 public:
  Call(Core& core, net::Exchange& exchange);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  net::Task<> run();

 private:
  // call.cpp: until it is known what is wanted, by whom, and where it goes.
  bool recognise();
  bool read_body();
  void read_other();
  net::Task<> brake();
  void identify();
  bool admit();
  bool choose();
  void keep_texts();
  // call_guards.cpp
  net::Task<bool> guard_prompt();
  net::Task<bool> guard_injection();
  net::Task<bool> guard_images();
  bool guard_pii();
  bool guard_failed(bool late);
  // Notes a rule that hit. True: the call must be stopped for it.
  bool hit(Rule rule, Outcome outcome, double score);
  // call_forward.cpp
  net::Task<> forward();
  bool build_body(std::string& body);
  net::Task<> pass_whole(net::StreamAnswer& answer);
  net::Task<> pass_stream(net::StreamAnswer& answer, genai::Framing framing);
  net::Task<> pass_error(net::StreamAnswer& answer);
  net::Task<> pass_unread(net::StreamAnswer& answer, net::Headers headers, std::string begun);
  net::HttpResponse whole_answer(net::StreamAnswer& answer, net::Headers headers, std::string body);
  base::Result<std::string> translated_answer(const std::string& body);
  std::optional<std::string> replayed_answer(const std::string& body);
  genai::Framing client_framing() const;
  genai::Call upstream_call() const;
  bool guard_answer(std::string& body);
  bool guard_other_answer(std::string& body, const net::Headers& headers);  // call_other.cpp
  void take_answer_facts(std::string_view body);
  void upstream_failed(const net::CallFailure& failure);
  void note_health(int status, bool timeout, std::string_view error);

  // The error object of the client's protocol. `error_type`: of the span; empty: the code.
  void refuse(int status, std::string_view code, std::string message);
  net::HttpResponse error_answer(int status, std::string_view code, std::string message) const;
  void refuse_blocked(std::string message);
  bool shadow() const { return settings_->shadow || route_->shadow; }
  base::TickTime now() const { return core_.parts.clock.tick(); }

  Core& core_;
  net::Exchange& exchange_;
  const std::shared_ptr<const GatewaySettings> settings_;
  const RouteSettings* route_;
  std::unique_ptr<FinishedCall> done_;
  const base::TickTime begun_;
  base::TickTime sent_{};  // to the provider
  base::TickTime guard_deadline_{};
  genai::Call call_;
  genai::RequestFacts facts_;
  bool read_ = false;  // facts_ are of the body
  std::optional<ProviderKey> provider_key_;
  std::string client_key_;  // that may go to the provider
  Target target_;
  std::string body_;                                  // rewritten; empty: the client's
  std::optional<genai::EmbeddingRequest> embedding_;  // of a translated call
  std::vector<std::string> dropped_;
  std::optional<genai::RateLimits> limits_;
  bool wants_span_ = false;
  bool exempt_ = false;  // a person said that this session is none
};

// Whether an answer that nobody understands is text that can be looked at.
bool is_text_answer(const net::Headers& headers);
// Whether a guard of the route may hold back or change answers.
bool acts_on_answers(const RouteSettings& route);

}  // namespace godseye::gateway
