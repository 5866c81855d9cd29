#include <godseye/gateway/policy.h>
#include <godseye/gateway/records.h>

#include <sodium.h>

namespace godseye::gateway {
namespace {

std::string new_id() {
  unsigned char bytes[16];
  randombytes_buf(bytes, sizeof bytes);
  char text[2 * sizeof bytes + 1];
  return sodium_bin2hex(text, sizeof text, bytes, sizeof bytes);
}

DecisionKind kind_of(const RuleHit& hit) {
  if (hit.outcome == Outcome::kRedacted) return DecisionKind::kMessageRedacted;
  const bool answer = hit.rule == Rule::kPiiAnswer || hit.rule == Rule::kLeak || hit.rule == Rule::kToxicity ||
                      hit.rule == Rule::kProducts;
  return answer ? DecisionKind::kAnswerStopped : DecisionKind::kMessageRefused;
}

}  // namespace

Policy::Policy(base::Clock clock)
    : blocks(clock),
      virtual_keys(clock),
      auto_blocker({}, clock, [this](Decision&& decision) { decide(std::move(decision)); }),
      clock_(std::move(clock)) {}

void Policy::note_call(const CallRecord& record) {
  size_t index = 0;
  for (const RuleHit& hit : record.verdict.hits) {
    const size_t at = index++;
    if (hit.rule == Rule::kBlock) continue;
    Decision decision;
    // A call has one id however often its record comes by.
    if (!record.call_id.empty()) decision.id = record.call_id + "-" + std::to_string(at);
    decision.time_ms = base::unix_millis(record.time);
    decision.kind = kind_of(hit);
    decision.shadow = !hit.enforced;
    decision.rule = rule_name(hit.rule);
    decision.route = record.route;
    decision.call_id = record.call_id;
    decision.session = record.session_id;
    decision.user = record.user_id;
    decision.score = hit.score;
    decision.sample = record.sample;
    decide(std::move(decision));
  }
}

void Policy::decide(Decision&& decision) {
  if (decision.time_ms == 0) decision.time_ms = base::unix_millis(clock_.wall());
  if (decision.id.empty()) decision.id = new_id();
  // A full table refuses this one and counts it; the decision is told all the same.
  if (decision.kind == DecisionKind::kBlockSet && !decision.shadow) (void)blocks.hold(decision.block);
  base::MutexLock lock(mutex_);
  if (sink_) sink_(std::move(decision));
}

void Policy::set_sink(DecisionSink sink) {
  base::MutexLock lock(mutex_);
  sink_ = std::move(sink);
}

void Policy::set_settings(GatewaySettings fresh) {
  AutoBlockConfig blocking = fresh.auto_block;
  blocking.shadow = fresh.shadow;
  auto_blocker.configure(blocking);
  base::MutexLock lock(mutex_);
  settings.set(std::move(fresh));
  if (listener_) listener_(settings.now());
}

void Policy::on_settings(SettingsListener listener) {
  base::MutexLock lock(mutex_);
  listener_ = std::move(listener);
  if (listener_) listener_(settings.now());
}

}  // namespace godseye::gateway
