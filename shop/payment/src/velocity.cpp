#include "velocity.h"

#include <algorithm>

#include <godseye/base/hash.h>

namespace vcommerce::payment {

VelocityCheck::Subject& VelocityCheck::touch(std::string name) {
  if (auto found = by_name_.find(name); found != by_name_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return order_.front();
  }
  if (order_.size() >= limits_.subjects_max) {
    by_name_.erase(order_.back().name);
    order_.pop_back();
  }
  order_.push_front(Subject{.name = name});
  by_name_.emplace(std::move(name), order_.begin());
  return order_.front();
}

void VelocityCheck::remember(Subject& subject, Attempt attempt) {
  subject.attempts[subject.total % kRemembered] = attempt;
  ++subject.total;
}

size_t VelocityCheck::recent(const Subject& subject, base::TickTime now) const {
  const size_t kept = std::min<uint64_t>(subject.total, kRemembered);
  return static_cast<size_t>(std::count_if(subject.attempts.begin(), subject.attempts.begin() + kept,
                                           [&](const Attempt& a) { return now - a.when < limits_.window; }));
}

size_t VelocityCheck::recent_cards(const Subject& subject, base::TickTime now) const {
  const size_t kept = std::min<uint64_t>(subject.total, kRemembered);
  std::array<uint64_t, kRemembered> cards{};
  size_t count = 0;
  for (size_t i = 0; i < kept; ++i) {
    if (now - subject.attempts[i].when < limits_.window) cards[count++] = subject.attempts[i].card;
  }
  std::sort(cards.begin(), cards.begin() + count);
  return static_cast<size_t>(std::unique(cards.begin(), cards.begin() + count) - cards.begin());
}

std::string_view VelocityCheck::attempt(std::string_view card, std::string_view user, base::TickTime now) {
  const Attempt attempt{now, base::hash64(card)};
  base::MutexLock lock(mutex_);
  Subject& of_card = touch("c:" + std::string(card));
  remember(of_card, attempt);
  const bool card_often = recent(of_card, now) > limits_.per_card_max;
  bool user_often = false;
  bool user_cards = false;
  if (!user.empty()) {
    Subject& of_user = touch("u:" + std::string(user));
    remember(of_user, attempt);
    user_often = recent(of_user, now) > limits_.per_user_max;
    user_cards = recent_cards(of_user, now) > limits_.cards_of_user_max;
  }
  return card_often ? "card_velocity" : user_cards ? "user_cards" : user_often ? "user_velocity" : "";
}

size_t VelocityCheck::subjects() const {
  base::MutexLock lock(mutex_);
  return order_.size();
}

}  // namespace vcommerce::payment
