#include "layout.h"

#include "countries.h"
#include "web_text.h"

#include <chrono>

namespace vcommerce::frontend {
namespace {

Html currency_form(const Frame& frame) {
  Html html;
  if (frame.currencies.empty()) return html;
  html("<form class=\"currency\" method=\"post\" action=\"/currency\">"_h, csrf_field(frame),
       "<input type=\"hidden\" name=\"back\" value=\""_h, frame.here,
       "\"><label for=\"currency\">Currency</label><select id=\"currency\" name=\"currency\" data-submit>"_h);
  for (const std::string& code : frame.currencies) {
    html("<option"_h);
    if (code == frame.visit.currency) html(" selected"_h);
    html(">"_h, code, "</option>"_h);
  }
  return html("</select><button class=\"quiet\">Show</button></form>"_h);
}

Html header(const Frame& frame) {
  Html html;
  html(
      "<a class=\"skip\" href=\"#content\">Skip to the content</a><header><div class=\"bar\">"
      "<a class=\"brand\" href=\"/\">V<span>·</span>Commerce</a>"
      "<form class=\"find\" role=\"search\" action=\"/search\"><label class=\"hidden\" for=\"q\">Search the "
      "shop</label>"
      "<input id=\"q\" name=\"q\" type=\"search\" maxlength=\"200\" placeholder=\"Linen dress, sneakers, lamp…\" value=\""_h,
      frame.search_text, "\"><button>Search</button></form><nav aria-label=\"Yours\"><a href=\"/account\">"_h,
      frame.visit.name.empty() ? std::string_view("Account") : std::string_view(frame.visit.name),
      "</a><a class=\"cart\" href=\"/cart\">Cart"_h);
  if (frame.cart_count && *frame.cart_count > 0) {
    html("<span class=\"count\"><span class=\"hidden\">, pieces: </span>"_h, *frame.cart_count, "</span>"_h);
  }
  html("</a></nav></div><nav class=\"rooms\" aria-label=\"Departments\">"_h);
  constexpr std::pair<const char*, const char*> kRooms[] = {{"apparel", "Apparel"},
                                                            {"shoes", "Shoes"},
                                                            {"accessories", "Accessories"},
                                                            {"home", "Home"},
                                                            {"beauty", "Beauty"}};
  for (const auto& [value, name] : kRooms) {
    html("<a href=\"/search?category="_h, value, "\">"_h, name, "</a>"_h);
  }
  return html("</nav></header>"_h);
}

Html footer(const Frame& frame) {
  Html html;
  return html(
      "<footer><div><p><strong>V·Commerce</strong> is a demonstration: no card is charged and no parcel leaves.</p>"_h,
      currency_form(frame),
      "<p class=\"soon\">Coming with the next release: <a href=\"/chat\">chat</a>, <a href=\"/stylist\">stylist</a>, "
      "<a href=\"/try-on\">try-on</a>.</p></div></footer>"_h);
}

}  // namespace

std::string page(const Frame& frame, const Html& body) {
  Html html;
  html(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><title>"_h,
      frame.title,
      " – V·Commerce</title><link rel=\"stylesheet\" href=\"/assets/style.css\">"
      "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/assets/icon.svg\">"_h);
  if (frame.refresh_s > 0) html("<meta http-equiv=\"refresh\" content=\""_h, frame.refresh_s, "\">"_h);
  if (frame.telemetry) html("<script src=\"/assets/shop.js\" defer></script>"_h);
  html("</head><body>"_h, header(frame), "<main id=\"content\" tabindex=\"-1\">"_h);
  if (!frame.notice.empty()) html("<p class=\"notice\" role=\"status\">"_h, frame.notice, "</p>"_h);
  html(body, "</main>"_h, footer(frame), "</body></html>\n"_h);
  return std::move(html).take();
}

Html tiles(std::string_view heading, const std::vector<Tile>& tiles) {
  Html html;
  if (tiles.empty()) return html;
  html("<section>"_h);
  if (!heading.empty()) html("<h2>"_h, heading, "</h2>"_h);
  html("<ul class=\"tiles\">"_h);
  for (const Tile& tile : tiles) {
    html("<li><a href=\"/product/"_h, encoded(tile.product.id),
         "\"><img loading=\"lazy\" width=\"320\" height=\"320\" src=\"/pictures/"_h, encoded(tile.product.picture),
         "\" alt=\"\"><span class=\"maker\">"_h, tile.product.brand, "</span><span class=\"name\">"_h,
         tile.product.name, "</span><span class=\"price\">"_h, shown(tile.price), "</span></a></li>"_h);
  }
  return html("</ul></section>"_h);
}

Html ad_box(const std::optional<Ad>& ad) {
  Html html;
  if (!ad || !is_own_address(ad->path)) return html;
  return html("<aside class=\"ad\" aria-label=\"Advertisement\"><a href=\""_h,
              address("/ad/" + encoded(ad->placement), {{"to", ad->path}}), "\"><small>Advertisement</small><strong>"_h,
              ad->headline, "</strong><span>"_h, ad->text, "</span></a></aside>"_h);
}

Html csrf_field(const Frame& frame) {
  Html html;
  return html("<input type=\"hidden\" name=\"csrf\" value=\""_h, frame.csrf, "\">"_h);
}

Html country_options(std::string_view chosen) {
  Html html;
  for (const Country& country : kCountries) {
    html("<option value=\""_h, country.code, "\""_h);
    if (country.code == chosen) html(" selected"_h);
    html(">"_h, country.name, "</option>"_h);
  }
  return html;
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string size_in_words(std::string_view size) {
  return size == "One size" ? std::string("one size") : "size " + std::string(size);
}

Html problem(int status, std::string_view title, std::string_view detail, std::string_view back) {
  Html html;
  html("<section class=\"problem\"><p class=\"status\">"_h, status, "</p><h1>"_h, title, "</h1>"_h);
  if (!detail.empty()) html("<p>"_h, detail, "</p>"_h);
  if (!back.empty() && is_own_address(back)) {
    return html("<p><a class=\"button\" href=\""_h, back, "\">Back to the page</a></p></section>"_h);
  }
  return html("<p><a class=\"button\" href=\"/\">To the front page</a></p></section>"_h);
}

std::string day_and_time(int64_t unix_seconds) {
  constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day day(days);
  const std::chrono::hh_mm_ss clock(time - days);
  const auto two = [](auto count) { return (count < 10 ? "0" : "") + std::to_string(count); };
  if (!day.ok()) return "";
  return std::to_string(static_cast<unsigned>(day.day())) + ' ' + kMonths[static_cast<unsigned>(day.month()) - 1] +
         ' ' + std::to_string(static_cast<int>(day.year())) + ", " + two(clock.hours().count()) + ':' +
         two(clock.minutes().count()) + " UTC";
}

}  // namespace vcommerce::frontend
