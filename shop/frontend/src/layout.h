#pragma once

#include "html.h"
#include "storefront.h"

#include <optional>
#include <string>
#include <vector>

// What all pages share: the frame around them, tiles of products, an ad, fields of forms. Pure.
namespace vcommerce::frontend {

struct Frame {
  const Visit& visit;
  std::string title;
  std::string csrf;                     // of the session, for every form that changes something
  std::string here;                     // the page's own address, to come back to
  std::vector<std::string> currencies;  // to choose from
  std::optional<int> cart_count;
  std::string search_text;
  std::string notice;  // one line above the page: what could not be shown
  int refresh_s = 0;   // loads itself again; 0: never
  bool telemetry = true;
};

std::string page(const Frame& frame, const Html& body);

// Products side by side; a heading above when there are any. `level_2` is the heading's text.
Html tiles(std::string_view heading, const std::vector<Tile>& tiles);
Html ad_box(const std::optional<Ad>& ad);
Html csrf_field(const Frame& frame);
Html country_options(std::string_view chosen);
std::string capitalised(std::string text);
// "size M"; what comes in one size says so itself.
std::string size_in_words(std::string_view size);
// A status, what happened, and a way on: to `back`, an address of this shop, or the front page. `detail` may quote what
// was sent.
Html problem(int status, std::string_view title, std::string_view detail, std::string_view back = "");
// "5 December 2026, 14:05 UTC"
std::string day_and_time(int64_t unix_seconds);

}  // namespace vcommerce::frontend
