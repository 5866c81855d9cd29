#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Word classes that the patterns of rules/patterns.txt recognise. The numbers are the match ids inside the compiled
// pattern database and part of the features of the trained model: append only, then train again.
namespace godseye::guard {

enum Atom : uint8_t {
  kOvrVerb,
  kScope,
  kInsObj,
  kSysObj,
  kRevVerb,
  kSecretObj,
  kPersona,
  kFree,
  kRoleTag,
  kRoleLine,
  kModelRef,
  kToolCall,
  kSql,
  kExfil,
  kEnc,
  kNewTask,
  kObey,
  kVerbatim,
  kAddressed,
  kConceal,
  kStory,
  kAuthority,
  kReward,
  kFixed,
  kHarm,
  kShopObj,
  kMy,
  kAsk,
  kAtomCount,
};

inline constexpr std::string_view kAtomNames[kAtomCount] = {
    "ovr_verb",  "scope",    "ins_obj",   "sys_obj",   "rev_verb",  "secret_obj", "persona",
    "free",      "role_tag", "role_line", "model_ref", "tool_call", "sql",        "exfil",
    "enc",       "new_task", "obey",      "verbatim",  "addressed", "conceal",    "story",
    "authority", "reward",   "fixed",     "harm",      "shop_obj",  "my",         "ask"};

// Patterns that are one word of up to so many letters are looked up, not searched for (matcher.h).
inline constexpr size_t kPlainWordMax = 8;

// kAtomCount when `name` is unknown.
constexpr Atom atom_by_name(std::string_view name) {
  for (size_t i = 0; i < kAtomCount; ++i) {
    if (kAtomNames[i] == name) return static_cast<Atom>(i);
  }
  return kAtomCount;
}

}  // namespace godseye::guard
