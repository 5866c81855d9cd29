#include "conversations.h"

#include <algorithm>
#include <utility>

#include <godseye/base/hash.h>

namespace godseye::pipeline {

std::shared_ptr<Conversations::Conversation> Conversations::of(std::string_view who) {
  base::MutexLock lock(mutex_);
  std::shared_ptr<Conversation>& known = conversations_[base::hash64(who)];
  if (known == nullptr) known = std::make_shared<Conversation>();
  return known;
}

guard::InjectScore Conversations::score(std::string_view who, uint64_t trace_id, std::string_view text, int64_t now_s) {
  const guard::InjectScorer& scorer = guard::InjectScorer::shipped();
  if (who.empty()) return scorer.score(text);
  // 0 is the key of no turn.
  const uint64_t key = (base::hash64(text) ^ trace_id * 0x9E3779B97F4A7C15ULL) | 1;
  const std::shared_ptr<Conversation> conversation = of(who);
  base::MutexLock lock(conversation->mutex);
  if (now_s - conversation->last_s > kIdleSeconds) {
    conversation->session = {};
    conversation->turns = {};
  }
  conversation->last_s = std::max(conversation->last_s, now_s);
  for (const Turn& turn : conversation->turns) {
    if (turn.key == key) return turn.score;
  }
  Turn& turn = conversation->turns[conversation->next++ % kTurnsKnownMax];
  turn = {.key = key, .score = conversation->session.score_turn(scorer, text)};
  return turn.score;
}

void Conversations::forget(std::string_view who) {
  base::MutexLock lock(mutex_);
  conversations_.erase(base::hash64(who));
}

void Conversations::clear() {
  base::MutexLock lock(mutex_);
  conversations_.clear();
}

size_t Conversations::size() const {
  base::MutexLock lock(mutex_);
  return conversations_.size();
}

}  // namespace godseye::pipeline
