#include "rules.h"

#include <algorithm>

namespace godseye::guard {

namespace {

constexpr uint32_t kNearBytes = 70;     // within a clause
constexpr uint32_t kAroundBytes = 220;  // within a few sentences
constexpr uint32_t kVerbLastBytes = 12;
constexpr size_t kHitsAhead = 14;  // matches looked at after each match: keeps the pass linear

// What stands between two matches.
struct Between {
  bool scope = false;
  bool my = false;
  bool shop = false;
};

class Pass {
 public:
  Pass(std::string_view text, const std::vector<Hit>& hits) : text_(text), hits_(hits) {
    for (const Hit& hit : hits) {
      uint16_t& count = facts_.counts[hit.atom];
      if (count < 1000) ++count;
    }
  }

  RuleFacts run() {
    for (size_t i = 0; i < hits_.size(); ++i) {
      switch (hits_[i].atom) {
        case kOvrVerb:
          override_at(i);
          break;
        case kRevVerb:
          reveal_at(i);
          break;
        case kPersona:
          persona_at(i);
          break;
        case kAddressed:
          addressed_at(i);
          break;
        case kInsObj:
          object_first_at(i);
          break;
        default:
          break;
      }
    }
    from_counts();
    return facts_;
  }

 private:
  void raise(Family family, float strength) { facts_.strength[family] = std::max(facts_.strength[family], strength); }
  bool has(Atom atom) const { return facts_.counts[atom] > 0; }

  // Calls f(hit, between) for the matches within `bytes` after match `i`; stops when f returns true.
  template <typename F>
  void ahead(size_t i, uint32_t bytes, F f) const {
    Between between;
    for (size_t k = i + 1; k < hits_.size() && k <= i + kHitsAhead && hits_[k].end - hits_[i].end <= bytes; ++k) {
      if (f(hits_[k], between)) return;
      between.scope = between.scope || hits_[k].atom == kScope;
      between.my = between.my || hits_[k].atom == kMy;
      between.shop = between.shop || hits_[k].atom == kShopObj;
    }
  }

  void override_at(size_t i) {
    bool object = false;
    ahead(i, kNearBytes, [&](const Hit& hit, const Between& between) {
      if (hit.atom == kSysObj || hit.atom == kInsObj || hit.atom == kModelRef) {
        object = true;
        if (hit.atom == kModelRef) return false;
        const float harmless = between.shop ? 0.6f : between.my ? 0.4f : 0.0f;
        raise(kOverride, (between.scope || hit.atom == kSysObj ? 1.0f : 0.5f) - harmless);
        return true;
      }
      if (hit.atom == kVerbatim && !between.my) raise(kOverride, 0.7f);
      return hit.atom == kShopObj && !between.scope;
    });
    if (!object) {
      ahead(i, kNearBytes / 2, [&](const Hit& hit, const Between&) {
        if (hit.atom == kShopObj || hit.atom == kMy) facts_.innocent = std::min(1.0f, facts_.innocent + 0.35f);
        return hit.atom == kShopObj;
      });
    }
  }

  // Verb-last languages. In Latin script the verb must follow at once: "the instructions say to ignore the light" is
  // not one of them.
  void object_first_at(size_t i) {
    ahead(i, kNearBytes / 2, [&](const Hit& hit, const Between& between) {
      if (hit.atom != kOvrVerb) return false;
      const bool latin = static_cast<unsigned char>(text_[hit.end - 1]) < 0x80;
      if (!between.my && !between.shop && (!latin || hit.end - hits_[i].end <= kVerbLastBytes)) raise(kOverride, 0.5f);
      return true;
    });
  }

  void reveal_at(size_t i) {
    ahead(i, kNearBytes, [&](const Hit& hit, const Between& between) {
      const float harmless = between.my ? 0.4f : between.shop ? 0.3f : 0.0f;
      if (hit.atom == kSysObj) return raise(kExtraction, 1.0f - harmless / 2), true;
      if (hit.atom == kSecretObj) return raise(kExtraction, 0.7f - harmless), true;
      if (hit.atom == kVerbatim) return raise(kExtraction, 0.7f - harmless), true;
      return false;
    });
  }

  void persona_at(size_t i) {
    ahead(i, kAroundBytes, [&](const Hit& hit, const Between&) {
      if (hit.atom == kFree) return raise(kJailbreak, hit.end - hits_[i].end <= kNearBytes ? 1.0f : 0.7f), true;
      if (hit.atom == kOvrVerb) raise(kJailbreak, 0.5f);
      if (hit.atom == kHarm) raise(kJailbreak, 0.5f);
      return false;
    });
  }

  void addressed_at(size_t i) {
    raise(kIndirect, 0.4f);
    ahead(i, kAroundBytes, [&](const Hit& hit, const Between&) {
      const bool demand = hit.atom == kOvrVerb || hit.atom == kObey || hit.atom == kConceal || hit.atom == kFixed ||
                          hit.atom == kExfil || hit.atom == kToolCall || hit.atom == kNewTask;
      if (demand) raise(kIndirect, 1.0f);
      return demand;
    });
  }

  void from_counts() {
    const auto& n = facts_.counts;
    if (n[kFree] >= 2) raise(kJailbreak, n[kFree] >= 4 ? 0.9f : 0.6f);
    if (has(kAuthority) && (has(kObey) || has(kFree) || has(kSysObj) || has(kSecretObj))) raise(kJailbreak, 0.6f);
    if (has(kStory) && (has(kFree) || has(kHarm) || has(kSysObj))) raise(kJailbreak, 0.6f);
    if (has(kReward) && (has(kObey) || has(kFree) || has(kSysObj))) raise(kJailbreak, 0.5f);
    if (has(kRoleTag)) raise(kForgedTag, 1.0f);
    if (has(kRoleLine)) raise(kForgedTag, 0.6f);
    if (has(kToolCall)) {
      const bool urged = has(kOvrVerb) || has(kAddressed) || has(kNewTask) || has(kAuthority) || has(kFree);
      raise(kToolAbuse, n[kToolCall] >= 2 ? (urged ? 0.9f : 0.7f) : (urged ? 0.6f : 0.4f));
    }
    if (has(kSql)) raise(kSqlLike, n[kSql] >= 2 ? 1.0f : 0.7f);
    if (has(kExfil))
      raise(kExfiltration, has(kSecretObj) || has(kConceal) || has(kSysObj) || n[kExfil] >= 2 ? 1.0f : 0.5f);
    if (has(kConceal) && (has(kToolCall) || has(kExfil) || has(kNewTask))) raise(kIndirect, 0.7f);
    // "Only reply with the output" belongs to honest role play as well.
    if (has(kFixed) && (has(kNewTask) || has(kOvrVerb) || n[kFixed] >= 2))
      raise(kHijack, has(kPersona) && !has(kFree) ? 0.4f : 0.8f);
    if (has(kNewTask) && has(kOvrVerb) && has(kInsObj)) raise(kHijack, 0.7f);
  }

  std::string_view text_;
  const std::vector<Hit>& hits_;
  RuleFacts facts_;
};

}  // namespace

std::string_view family_name(Family family) {
  constexpr std::string_view kNames[kFamilyCount] = {"override", "extraction",   "jailbreak", "role_tag", "tool_abuse",
                                                     "sql",      "exfiltration", "indirect",  "hijack"};
  return family < kFamilyCount ? kNames[family] : "none";
}

RuleFacts apply_rules(std::string_view text, const std::vector<Hit>& hits) { return Pass(text, hits).run(); }

}  // namespace godseye::guard
