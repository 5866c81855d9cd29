#include "recommender.h"

#include <algorithm>

namespace vcommerce::recommendation {

using godseye::base::MutexLock;

namespace {

// A hint of the catalogue counts like this many orders: real ones outweigh it soon.
constexpr uint32_t kHintOrders = 2;
constexpr int kTogetherWeight = 60;  // of 100; the rest is similarity
constexpr int kPopularMax = 200;     // what only sells well stands below what fits

size_t common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  size_t count = 0;
  auto one = a.begin();
  auto other = b.begin();
  while (one != a.end() && other != b.end()) {
    if (*one < *other) {
      ++one;
    } else if (*other < *one) {
      ++other;
    } else {
      ++count, ++one, ++other;
    }
  }
  return count;
}

struct Points {
  int together = 0;
  int similar = 0;
};

Points points_of(const Item& candidate, const Item& context, const std::map<std::string, uint32_t>& bought) {
  uint32_t orders = 0;
  if (const auto found = bought.find(candidate.id); found != bought.end()) orders = found->second;
  const auto hinted = [](const Item& from, const Item& to) {
    return std::find(from.pairs_with.begin(), from.pairs_with.end(), to.id) != from.pairs_with.end();
  };
  if (hinted(context, candidate)) orders += kHintOrders;
  // Saturates: the tenth order says less than the first.
  const int together = static_cast<int>(uint64_t{kScoreMax} * orders / (orders + 3U));
  return {together, similarity(context, candidate)};
}

std::vector<const Item*> contexts_of(const Assortment& assortment, const Question& question) {
  std::vector<const Item*> contexts;
  for (const auto* list : {&question.looked_at, &question.in_cart}) {
    if (!contexts.empty()) break;
    for (const std::string& id : *list) {
      if (const Item* item = assortment.find(id)) contexts.push_back(item);
    }
  }
  return contexts;
}

}  // namespace

Assortment::Assortment(std::vector<Item> items) : items_(std::move(items)) {
  for (size_t i = 0; i < items_.size(); ++i) {
    std::sort(items_[i].tags.begin(), items_[i].tags.end());
    index_[items_[i].id] = i;
  }
}

const Item* Assortment::find(const std::string& id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &items_[found->second];
}

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::kBoughtTogether:
      return "bought_together";
    case Reason::kSimilar:
      return "similar";
    case Reason::kPopular:
      break;
  }
  return "popular";
}

int similarity(const Item& a, const Item& b) {
  if (a.id == b.id) return 0;
  int score = 0;
  if (a.kind == b.kind) {
    score += 400;
  } else if (a.category == b.category) {
    score += 150;
  }
  if (a.brand == b.brand) score += 150;
  const size_t shared = common(a.tags, b.tags);
  const size_t all = a.tags.size() + b.tags.size() - shared;
  if (all > 0) score += static_cast<int>(300 * shared / all);
  const int64_t dearer = std::max(a.price_cents, b.price_cents);
  if (dearer > 0) score += static_cast<int>(150 * std::min(a.price_cents, b.price_cents) / dearer);
  return std::min(score, kScoreMax);
}

bool CoPurchases::record(const std::string& order_id, const std::vector<std::string>& product_ids) {
  const std::set<std::string> products(product_ids.begin(), product_ids.end());
  MutexLock lock(mutex_);
  if (!orders_.insert(order_id).second) return false;
  order_of_orders_.push_back(order_id);
  if (order_of_orders_.size() > kOrdersRemembered) {
    orders_.erase(order_of_orders_.front());
    order_of_orders_.pop_front();
  }
  for (const std::string& one : products) {
    if (sold_.size() < kPairsMax || sold_.contains(one)) ++sold_[one];
    for (const std::string& other : products) {
      if (one == other) continue;
      std::map<std::string, uint32_t>& with = together_[one];
      const auto known = with.find(other);
      if (known != with.end()) {
        ++known->second;
      } else if (pairs_ < kPairsMax) {
        with.emplace(other, 1);
        ++pairs_;
      }
    }
  }
  return true;
}

std::map<std::string, uint32_t> CoPurchases::with(const std::string& id) const {
  MutexLock lock(mutex_);
  const auto found = together_.find(id);
  return found == together_.end() ? std::map<std::string, uint32_t>{} : found->second;
}

uint32_t CoPurchases::sold(const std::string& id) const {
  MutexLock lock(mutex_);
  const auto found = sold_.find(id);
  return found == sold_.end() ? 0 : found->second;
}

uint64_t CoPurchases::sold_together(const std::vector<std::string>& ids) const {
  MutexLock lock(mutex_);
  uint64_t sum = 0;
  for (const std::string& id : ids) {
    if (const auto found = sold_.find(id); found != sold_.end()) sum += found->second;
  }
  return sum;
}

size_t CoPurchases::pairs() const {
  MutexLock lock(mutex_);
  return pairs_;
}

std::vector<Recommendation> recommend(const Assortment& assortment, const CoPurchases& purchases,
                                      const Question& question) {
  std::set<std::string> excluded(question.looked_at.begin(), question.looked_at.end());
  excluded.insert(question.in_cart.begin(), question.in_cart.end());
  const std::vector<const Item*> contexts = contexts_of(assortment, question);
  std::vector<std::map<std::string, uint32_t>> bought;
  bought.reserve(contexts.size());
  for (const Item* context : contexts) bought.push_back(purchases.with(context->id));

  std::vector<Recommendation> all;
  for (const Item& item : assortment.items()) {
    if (!item.in_stock || excluded.contains(item.id)) continue;
    if (!question.category.empty() && item.category != question.category) continue;
    Points best;
    for (size_t i = 0; i < contexts.size(); ++i) {
      const Points points = points_of(item, *contexts[i], bought[i]);
      best.together = std::max(best.together, points.together);
      best.similar = std::max(best.similar, points.similar);
    }
    const uint32_t sold = purchases.sold(item.id);
    const int popular = static_cast<int>(uint64_t{kPopularMax} * sold / (sold + 10U));
    const int together = best.together * kTogetherWeight;
    const int similar = best.similar * (100 - kTogetherWeight);
    Recommendation one{item.id, item.name, Reason::kPopular, popular};
    if (together + similar > 0) {
      one.reason = together >= similar ? Reason::kBoughtTogether : Reason::kSimilar;
      one.score = std::min(kScoreMax, (together + similar) / 100 + popular / 10);
    }
    all.push_back(std::move(one));
  }
  const size_t count = std::min(question.count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                    [](const Recommendation& a, const Recommendation& b) {
                      return a.score != b.score ? a.score > b.score : a.id < b.id;
                    });
  all.resize(count);
  return all;
}

}  // namespace vcommerce::recommendation
