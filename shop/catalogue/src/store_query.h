#pragma once

#include "store.h"

namespace vcommerce::catalogue {

// One use of the database: waits for its turn, and measures from before the wait to the end.
class Store::Query {
 public:
  Query(Store& store, std::string_view operation) : store_(store), operation_(operation), began_(store.clock_.tick()) {
    if (store.hooks_.before_query) store.hooks_.before_query();
    store.database_->mutex().lock();
  }
  ~Query() {
    store_.database_->mutex().unlock();
    if (!store_.hooks_.queried) return;
    store_.hooks_.queried(operation_, std::chrono::duration<double>(store_.clock_.tick() - began_).count());
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

 private:
  Store& store_;
  const std::string_view operation_;
  const base::TickTime began_;
};

}  // namespace vcommerce::catalogue
