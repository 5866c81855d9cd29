#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/pipeline/prices.h>

// What calls of language models cost (docs/formats/prices.md). Both keys. A change holds for spans that arrive after
// it; stored ones keep their cost.
//   GET    /api/godseye/v1/prices   {"as_of","models","override":{…},"table":{…}}; ?provider=&model= asks for the row
//   of
//                                   one model: {"row","usd_per_million_tokens":{"input","output"}} or 404
//   PUT    /api/godseye/v1/prices   rows to lay over the list; replaces what was put before; 400 names a wrong place
//   DELETE /api/godseye/v1/prices   the list as it ships, with --prices
namespace godseye::api {

struct PriceParts {
  pipeline::PriceBook& book;  // must outlive the router
  base::Clock clock;
  // Keeps the override over a restart, before it takes effect. "": none.
  std::function<base::Status(const std::string& json)> save;
};
void add_price_routes(Router& router, PriceParts parts);

}  // namespace godseye::api
