#pragma once

#include "store.h"

#include <optional>

namespace vcommerce::catalogue {

// Colours as a column of the products holds them.
std::vector<Colour> colours_of(std::string_view text);

// One use of the store's database, with a session of its own: look at `status` before.
class Store::Query {
 public:
  Query(Store& store, std::string_view operation) : timing_(store, operation) {
    if (!store.prepared_) {
      // `expire` tries it, once a second.
      status_ = base::Error(base::ErrorCode::kUnavailable, store.pool_->name() + ": was not reached since the start");
    } else if (base::Result<SqlPool::Lease> taken = store.pool_->take(); taken) {
      lease_.emplace(*std::move(taken));
    } else {
      status_ = std::move(taken).error();
    }
    if (!status_ && store.hooks_.failed) store.hooks_.failed(operation);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  const base::Status& status() const { return status_; }
  SqlSession& operator*() const { return **lease_; }

 private:
  const Timing timing_;  // first: it ends last
  std::optional<SqlPool::Lease> lease_;
  base::Status status_ = base::ok();
};

}  // namespace vcommerce::catalogue
