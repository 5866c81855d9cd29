#pragma once

#include "store.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

// A store in memory with a clock that tests move by hand.
namespace vcommerce::catalogue {

struct HandClock {
  std::shared_ptr<std::chrono::nanoseconds> now =
      std::make_shared<std::chrono::nanoseconds>(std::chrono::hours(400'000));

  base::Clock clock() const {
    return {[at = now] { return base::WallTime(*at); }, [at = now] { return base::TickTime(*at); }};
  }
  void advance(std::chrono::nanoseconds by) const { *now += by; }
};

inline Product product(std::string id, std::string name, int32_t stock = 5) {
  Product made;
  made.id = std::move(id);
  made.name = std::move(name);
  made.brand = "Otterby";
  made.category = "home";
  made.kind = "mug";
  made.description = "A mug.";
  made.price = {19, 500'000'000};
  made.sizes = {{"One size", stock}};
  made.colours = {{"Sage", "#9caf93"}};
  made.weight_grams = 300;
  return made;
}

inline std::unique_ptr<Store> open_store(const std::vector<Product>& seed, const HandClock& hands,
                                         const std::string& path = ":memory:") {
  base::Result<std::unique_ptr<Store>> store = Store::open(path, seed, hands.clock());
  EXPECT_TRUE(store) << (store ? "" : store.error().message());
  return store ? *std::move(store) : nullptr;
}

}  // namespace vcommerce::catalogue
