#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>

#include <godseye/gateway/auto_block.h>

namespace godseye::gateway {

namespace {

using Millis = int64_t;

// The times of the newest messages of one kind; what left the window goes first, then what is beyond the bound.
struct Window {
  std::deque<Millis> times;

  // How many fell into the last `span`, this one included.
  size_t add(Millis now, std::chrono::seconds span) {
    const Millis oldest = now - std::chrono::milliseconds(span).count();
    // At its very end a message has left the window: "within 60 seconds" is less than 60.
    while (!times.empty() && times.front() <= oldest) times.pop_front();
    times.push_back(now);
    if (times.size() > kAutoBlockCountMax) times.pop_front();
    return times.size();
  }
};

struct Subject {
  std::string name;  // kind digit and value
  Window refused, suspicious, uploads;
  uint32_t times = 0;   // automatic blocks in a row
  int64_t ended_s = 0;  // end of the last of them
};

std::string subject_name(BlockKind kind, std::string_view value) {
  return static_cast<char>('0' + static_cast<int>(kind)) + std::string(value);
}

std::string reason(size_t count, std::string_view what, std::chrono::seconds window) {
  return std::to_string(count) + " " + std::string(what) + " in " + std::to_string(window.count()) + " s";
}

}  // namespace

struct AutoBlocker::State {
  State(AutoBlockConfig first, base::Clock time, DecisionSink sink, size_t most)
      : clock(std::move(time)), decided(std::move(sink)), subjects_max(std::max<size_t>(most, 1)), config(first) {}

  const base::Clock clock;
  const DecisionSink decided;
  const size_t subjects_max;

  mutable base::Mutex mutex;
  AutoBlockConfig config GE_GUARDED_BY(mutex);
  std::list<Subject> recent GE_GUARDED_BY(mutex);  // seen last first
  std::unordered_map<std::string, std::list<Subject>::iterator> known GE_GUARDED_BY(mutex);
  std::unordered_map<std::string, int64_t> exemptions GE_GUARDED_BY(mutex);
  AutoBlockStats stats GE_GUARDED_BY(mutex);

  Subject& subject(BlockKind kind, std::string_view value) GE_REQUIRES(mutex) {
    std::string name = subject_name(kind, value);
    if (const auto found = known.find(name); found != known.end()) {
      recent.splice(recent.begin(), recent, found->second);
      return *found->second;
    }
    if (known.size() >= subjects_max) {
      known.erase(recent.back().name);
      recent.pop_back();
      ++stats.forgotten;
    }
    recent.push_front({.name = name, .refused = {}, .suspicious = {}, .uploads = {}});
    known.emplace(std::move(name), recent.begin());
    return recent.front();
  }

  bool is_exempt(std::string_view session, int64_t now_s) const GE_REQUIRES(mutex) {
    if (session.empty() || exemptions.empty()) return false;
    const auto found = exemptions.find(std::string(session));
    return found != exemptions.end() && found->second > now_s;
  }

  std::optional<Decision> judge_message(const BlockEvent& event, Millis now) GE_REQUIRES(mutex);
  std::optional<Decision> judge_upload(const BlockEvent& event, Millis now) GE_REQUIRES(mutex);
  std::optional<Decision> decide(Subject& about, BlockKind kind, std::string_view value, std::string_view rule,
                                 std::string reason, Millis now) GE_REQUIRES(mutex);
};

std::optional<Decision> AutoBlocker::State::decide(Subject& about, BlockKind kind, std::string_view value,
                                                   std::string_view rule, std::string reason, Millis now) {
  about.refused.times.clear();
  about.suspicious.times.clear();
  about.uploads.times.clear();
  if (!config.enabled) return ++stats.suppressed, std::nullopt;
  const int64_t now_s = now / 1000;
  const bool in_a_row = about.times > 0 && now_s - about.ended_s <= config.remember.count();
  const uint32_t times = in_a_row ? about.times + 1 : 1;
  // 2^20 first durations are beyond any duration_max.
  const int64_t duration =
      std::min<int64_t>(config.duration_max.count(), config.duration.count() << std::min<uint32_t>(times - 1, 20));
  Decision decision;
  decision.time_ms = now;
  decision.kind = DecisionKind::kBlockSet;
  decision.shadow = config.shadow;
  decision.rule = rule;
  decision.block = {.kind = kind,
                    .value = std::string(value),
                    .reason = std::move(reason),
                    .author = "gateway",
                    .rule = std::string(rule),
                    .created_s = now_s,
                    .expires_s = now_s + duration,
                    .automatic = true,
                    .times = times};
  ++stats.decided;
  if (config.shadow) {
    ++stats.shadowed;
  } else {
    about.times = times;
    about.ended_s = now_s + duration;
  }
  return decision;
}

AutoBlocker::AutoBlocker(AutoBlockConfig config, base::Clock clock, DecisionSink decided, size_t subjects_max)
    : state_(std::make_unique<State>(config, std::move(clock), std::move(decided), subjects_max)) {}
AutoBlocker::~AutoBlocker() = default;

std::optional<Decision> AutoBlocker::State::judge_message(const BlockEvent& event, Millis now) {
  if (event.session.empty() || event.session.size() > kBlockValueBytesMax) return std::nullopt;
  Subject& about = subject(BlockKind::kSession, event.session);
  const size_t suspicious_now = about.suspicious.add(now, config.suspicious_window);
  const size_t refused_now = event.refused ? about.refused.add(now, config.refused_window) : 0;
  if (refused_now >= config.refused_count) {
    return decide(about, BlockKind::kSession, event.session, "refused_messages",
                  reason(refused_now, "refused messages", config.refused_window), now);
  }
  if (suspicious_now > config.suspicious_max) {
    return decide(about, BlockKind::kSession, event.session, "suspicious_messages",
                  reason(suspicious_now, "suspicious messages", config.suspicious_window), now);
  }
  return std::nullopt;
}

std::optional<Decision> AutoBlocker::State::judge_upload(const BlockEvent& event, Millis now) {
  const BlockKind kind = event.user.empty() ? BlockKind::kSession : BlockKind::kUser;
  const std::string_view value = event.user.empty() ? event.session : event.user;
  if (value.empty() || value.size() > kBlockValueBytesMax) return std::nullopt;
  Subject& about = subject(kind, value);
  const size_t uploads_now = about.uploads.add(now, config.hostile_uploads_window);
  if (uploads_now <= config.hostile_uploads_max) return std::nullopt;
  return decide(about, kind, value, "hostile_uploads",
                reason(uploads_now, "hostile uploads", config.hostile_uploads_window), now);
}

void AutoBlocker::note(const BlockEvent& event) {
  if (!event.refused && !event.suspicious && !event.hostile_upload) return;
  const Millis now = base::unix_millis(state_->clock.wall());
  std::optional<Decision> by_message, by_upload;
  {
    base::MutexLock lock(state_->mutex);
    if (state_->is_exempt(event.session, now / 1000)) {
      ++state_->stats.exempted;
      return;
    }
    if (event.refused || event.suspicious) by_message = state_->judge_message(event, now);
    if (event.hostile_upload) by_upload = state_->judge_upload(event, now);
  }
  for (std::optional<Decision>* decision : {&by_message, &by_upload}) {
    if (!*decision || !state_->decided) continue;
    (*decision)->session = event.session;
    (*decision)->user = event.user;
    (*decision)->call_id = event.call_id;
    (*decision)->route = event.route;
    (*decision)->score = event.score;
    (*decision)->sample = event.sample.substr(0, kDecisionSampleBytesMax);
    state_->decided(std::move(**decision));
  }
}

void AutoBlocker::configure(const AutoBlockConfig& config) {
  base::MutexLock lock(state_->mutex);
  state_->config = config;
}

void AutoBlocker::set_exempt(const std::vector<Exemption>& sessions) {
  std::unordered_map<std::string, int64_t> fresh;
  for (const Exemption& exemption : sessions) {
    if (fresh.size() >= kExemptionsMax) break;
    int64_t& until = fresh[exemption.session];
    until = std::max(until, exemption.until_s);
  }
  base::MutexLock lock(state_->mutex);
  state_->exemptions.swap(fresh);
}

bool AutoBlocker::exempt(std::string_view session) const {
  const int64_t now_s = base::unix_seconds(state_->clock.wall());
  base::MutexLock lock(state_->mutex);
  return state_->is_exempt(session, now_s);
}

void AutoBlocker::seed(const Block& block) {
  if (!block.automatic) return;
  base::MutexLock lock(state_->mutex);
  Subject& about = state_->subject(block.kind, block.value);
  const int64_t ended = block.lifted_s != 0 ? block.lifted_s : block.expires_s;
  if (ended < about.ended_s) return;
  about.times = block.times;
  about.ended_s = ended;
}

void AutoBlocker::forget(BlockKind kind, std::string_view value) {
  base::MutexLock lock(state_->mutex);
  const auto found = state_->known.find(subject_name(kind, value));
  if (found == state_->known.end()) return;
  state_->recent.erase(found->second);
  state_->known.erase(found);
}

AutoBlockStats AutoBlocker::stats() const {
  base::MutexLock lock(state_->mutex);
  AutoBlockStats stats = state_->stats;
  stats.subjects = state_->known.size();
  return stats;
}

}  // namespace godseye::gateway
