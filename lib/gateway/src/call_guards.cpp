#include "call.h"

#include <atomic>

namespace godseye::gateway {

namespace {

constexpr size_t kInlineBytesMax = 64u << 10;        // texts together; more are scored on the pool
constexpr size_t kInlineImageBytesMax = 256u << 10;  // base64 of one picture, likewise

size_t bytes_of(const std::vector<GuardedText>& texts) {
  size_t sum = 0;
  for (const GuardedText& text : texts) sum += text.text.size();
  return sum;
}

// Owns what the pool reads: a call that does not wait any longer takes its body along.
struct LongTexts {
  std::string arena;
  std::vector<GuardedText> texts;
};

std::shared_ptr<LongTexts> own(const std::vector<GuardedText>& texts) {
  auto owned = std::make_shared<LongTexts>();
  owned->arena.reserve(bytes_of(texts));
  for (const GuardedText& text : texts) {
    const size_t begin = owned->arena.size();
    owned->arena.append(text.text);
    owned->texts.push_back({text.source, std::string_view(owned->arena).substr(begin, text.text.size()), text.is_new});
  }
  return owned;
}

std::chrono::milliseconds left_until(base::TickTime deadline, base::TickTime now) {
  return std::max(std::chrono::milliseconds(1), std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
}

// One picture on the pool. `left` is set by a call that did not wait: then the finding still counts.
struct ImageJob {
  std::string base64;
  std::atomic<bool> left{false};
  std::string user;
  std::string session;
  std::string call_id;
  std::string route;
  std::string service;
};

}  // namespace

net::Task<bool> Call::guard_prompt() {
  if (!read_) co_return true;
  guard_deadline_ = now() + std::chrono::milliseconds(route_->guard_ms_max);
  bool passed = true;
  if (route_->injection != GuardMode::kOff) {
    passed = co_await guard_injection();
    if (!passed) co_return false;
  }
  if (!facts_.images.empty() && route_->images != GuardMode::kOff) {
    passed = co_await guard_images();
    if (!passed) co_return false;
  }
  co_return guard_pii();
}

net::Task<bool> Call::guard_injection() {
  const std::vector<GuardedText> texts = texts_to_score(facts_, core_.scored, settings_->refuse_score);
  if (texts.empty()) co_return true;
  const Identity& identity = done_->identity;
  const std::string& session = identity.session_id.empty() ? identity.user_id : identity.session_id;
  SessionMemory* memory = session.empty() ? nullptr : &core_.sessions;
  InjectionFinding finding;
  if (bytes_of(texts) <= kInlineBytesMax) {
    finding =
        score_injection(*core_.injection, memory, session, texts, core_.scored, core_.parts.clock, guard_deadline_);
  } else {
    const std::shared_ptr<LongTexts> owned = own(texts);
    const std::chrono::milliseconds limit = left_until(guard_deadline_, now());
    auto work = [owned, core = &core_, deadline = guard_deadline_] {
      return score_injection(*core->injection, nullptr, {}, owned->texts, core->scored, core->parts.clock, deadline);
    };
    base::Result<InjectionFinding> scored = co_await net::run_blocking(exchange_.loop(), *core_.pool, limit, work);
    if (!scored) co_return guard_failed(scored.error().code() == base::ErrorCode::kTimeout);
    finding = *std::move(scored);
    done_->sample = finding.sample;
  }
  if (finding.score < 0) co_return true;
  done_->injection = finding.score;
  done_->verdict.reasons = std::move(finding.reasons);
  const bool suspicious = finding.score >= settings_->suspicious_score;
  const bool refused = finding.score > settings_->refuse_score;
  if (suspicious) {
    done_->sample = finding.sample;
    BlockEvent event;
    event.session = identity.session_id;
    event.user = identity.user_id;
    event.call_id = done_->call_id;
    event.route = route_->name;
    event.score = finding.score;
    event.suspicious = true;
    event.refused = refused;
    core_.parts.policy->auto_blocker.note(event);
  }
  if (refused && route_->injection == GuardMode::kBlock && hit(Rule::kInjection, Outcome::kRefused, finding.score)) {
    refuse_blocked("this message was refused: it looks like an attack on the model's instructions");
    co_return false;
  }
  if (finding.late) co_return guard_failed(true);
  co_return true;
}

net::Task<bool> Call::guard_images() {
  const size_t looked_at = std::min(facts_.images.size(), core_.config.images_max);
  const uint32_t first_new = first_new_message(facts_);
  const base::TickTime deadline = now() + std::chrono::milliseconds(route_->image_ms_max);
  if (facts_.images.size() > looked_at) count(core_.counters.images_skipped, facts_.images.size() - looked_at);
  for (size_t i = 0; i < looked_at; ++i) {
    const genai::RequestImage& image = facts_.images[i];
    const bool picture = image.media_type.empty() || image.media_type.starts_with("image/");
    if (image.base64.empty() || !picture) continue;
    const bool is_new = image.message >= first_new;
    if (!is_new && core_.images.find(guard::Source::kDocument, image.base64)) continue;
    auto job = std::make_shared<ImageJob>();
    job->base64 = image.base64;
    job->user = done_->identity.user_id;
    job->session = done_->identity.session_id;
    job->call_id = done_->call_id;
    job->route = route_->name;
    job->service = done_->identity.service.empty() ? core_.config.service : done_->identity.service;
    ImageFinding finding;
    Core* core = &core_;
    const auto look = [job, core](bool pixels) {
      ImageFinding found;
      std::string bytes;
      if (!decode_base64(job->base64, bytes)) {
        found = {.verdict = guard::ImageVerdict::kInvalid, .kind = "not_an_image"};
      } else if (pixels && core->parts.image) {
        const sandbox::InspectedImage inspected = core->parts.image(bytes);
        found = {.verdict = inspected.report.verdict, .kind = std::string(inspected.report.kind)};
      } else {
        found = inspect_structure(bytes, *core->injection);
      }
      return found;
    };
    // What the structure says counts whatever becomes of the pixels.
    const bool small = job->base64.size() <= kInlineImageBytesMax;
    bool late = false;
    if (small) finding = look(false);
    const bool decide = small && finding.verdict >= guard::ImageVerdict::kInvalid;
    if (!decide && (!small || core_.parts.image)) {
      const std::chrono::milliseconds limit = left_until(deadline, now());
      auto work = [look, job, core] {
        ImageFinding found = look(true);
        if (job->left.load(std::memory_order_acquire) && found.verdict >= guard::ImageVerdict::kInvalid) {
          core->recorder.push_metric(image_metric(found, job->user, job->service));
          BlockEvent event;
          event.session = job->session;
          event.user = job->user;
          event.call_id = job->call_id;
          event.route = job->route;
          event.hostile_upload = true;
          core->parts.policy->auto_blocker.note(event);
        }
        return found;
      };
      base::Result<ImageFinding> found = co_await net::run_blocking(exchange_.loop(), *core_.pool, limit, work);
      if (found) {
        finding = *std::move(found);
      } else {
        job->left.store(true, std::memory_order_release);
        late = true;
      }
    }
    if (finding.verdict >= guard::ImageVerdict::kInvalid) {
      done_->metric_lines.push_back(image_metric(finding, job->user, job->service));
      done_->verdict.reasons.push_back("image:" + finding.kind);
      BlockEvent event;
      event.session = job->session;
      event.user = job->user;
      event.call_id = job->call_id;
      event.route = job->route;
      event.hostile_upload = true;
      core_.parts.policy->auto_blocker.note(event);
    }
    if (finding.verdict == guard::ImageVerdict::kMalicious && route_->images == GuardMode::kBlock &&
        hit(Rule::kImage, Outcome::kRefused, -1)) {
      refuse_blocked("an image of this message was refused: " + finding.kind);
      co_return false;
    }
    if (late && !guard_failed(true)) co_return false;
    if (!late && finding.verdict < guard::ImageVerdict::kInvalid) {
      core_.images.put(guard::Source::kDocument, job->base64, 0);
    }
  }
  co_return true;
}

bool Call::guard_pii() {
  const GuardMode mode = route_->pii_prompt;
  if (mode != GuardMode::kRedact && mode != GuardMode::kBlock) return true;  // counted by the span thread
  PiiFinding found = find_prompt_pii(facts_, mode == GuardMode::kRedact);
  done_->pii_prompt = found.count;
  if (mode == GuardMode::kBlock) {
    if (found.count == 0) return true;
    done_->verdict.reasons.push_back("pii:prompt");
    if (!hit(Rule::kPiiPrompt, Outcome::kRefused, -1)) return true;
    refuse_blocked("this message was refused: it holds personal data");
    return false;
  }
  if (found.replacements.empty()) return true;
  done_->verdict.reasons.push_back("pii:prompt");
  if (hit(Rule::kPiiPrompt, Outcome::kRedacted, -1)) {
    body_ = genai::replace_texts(exchange_.request().body, found.replacements);
  }
  return true;
}

// True: the call passes all the same.
bool Call::guard_failed(bool late) {
  count(late ? core_.counters.guard_timeouts : core_.counters.guard_failures);
  done_->verdict.guard_failed = true;
  if (!route_->fail_closed || !hit(Rule::kGuardFailure, Outcome::kRefused, -1)) return true;
  count(core_.counters.guard_failed_closed);
  refuse(503, "godseye_guard_unavailable", "the guards of this route could not decide in time; try again");
  return false;
}

}  // namespace godseye::gateway
