#include "pages.h"
#include "web_text.h"

#include <algorithm>

namespace vcommerce::frontend {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

Query query_of(const Search& search) {
  Query query{{"q", search.text}, {"order", search.order}, {"stock", search.in_stock_only ? "1" : ""}};
  for (const auto& [name, values] : search.filters) {
    for (const std::string& value : values) query.emplace_back(name, value);
  }
  return query;
}

bool chosen(const Search& search, const std::string& facet, const std::string& value) {
  const auto found = search.filters.find(facet);
  return found != search.filters.end() && std::ranges::find(found->second, value) != found->second.end();
}

// The same search with this value switched the other way.
std::string toggled(const Search& search, const std::string& facet, const std::string& value) {
  Query query = query_of(search);
  const auto found = std::ranges::find(query, std::pair(facet, value));
  if (found == query.end()) {
    query.emplace_back(facet, value);
  } else {
    query.erase(found);
  }
  return address("/search", query);
}

constexpr size_t kFacetValuesShown = 12;

Html facets(const Found& found, const Search& search) {
  Html html;
  html("<aside class=\"facets\" aria-label=\"Filters\"><details open><summary>Filters</summary>"_h);
  for (const Facet& facet : found.facets) {
    if (facet.values.empty()) continue;
    html("<h2>"_h, capitalised(facet.name), "</h2><ul>"_h);
    size_t count = 0;
    for (const FacetValue& value : facet.values) {
      const bool on = chosen(search, facet.name, value.value);
      if (++count > kFacetValuesShown && !on) continue;
      html("<li><a rel=\"nofollow\" href=\""_h, toggled(search, facet.name, value.value), "\""_h);
      if (on) html(" class=\"on\" aria-current=\"true\""_h);
      html(">"_h, value.value, " <small>"_h, value.count, "</small></a></li>"_h);
    }
    html("</ul>"_h);
  }
  return html("</details></aside>"_h);
}

Html order_links(const Search& search) {
  constexpr std::pair<const char*, const char*> kOrders[] = {
      {"", "Best match"}, {"price", "Price, low first"}, {"-price", "Price, high first"}, {"name", "Name"}};
  Html html;
  html("<p class=\"orders\">Sorted by "_h);
  for (const auto& [order, name] : kOrders) {
    Search other = search;
    other.order = order;
    html("<a href=\""_h, address("/search", query_of(other)), "\""_h);
    if (search.order == order) html(" class=\"on\" aria-current=\"true\""_h);
    html(">"_h, name, "</a> "_h);
  }
  return html("</p>"_h);
}

Html nothing_found(const Found& found, const Search& search) {
  Html html;
  html("<section class=\"empty\"><h2>Nothing fits</h2><p>No product has all of that."_h);
  if (!search.filters.empty()) {
    html(" <a href=\""_h, address("/search", {{"q", search.text}}), "\">Search without the filters</a>."_h);
  }
  html("</p>"_h);
  if (!found.suggestions.empty()) {
    html("<p>Try instead:</p><ul class=\"words\">"_h);
    for (const std::string& word : found.suggestions) {
      html("<li><a href=\""_h, address("/search", {{"q", word}}), "\">"_h, word, "</a></li>"_h);
    }
    html("</ul>"_h);
  }
  return html("</section>"_h);
}

int in_stock(const Product& product) {
  int count = 0;
  for (const SizeStock& size : product.sizes) count += size.available;
  return count;
}

Html size_choice(const Product& product) {
  Html html;
  if (product.sizes.size() <= 1) {
    return html("<input type=\"hidden\" name=\"size\" value=\""_h, product.sizes.empty() ? "" : product.sizes[0].size,
                "\">"_h);
  }
  html("<label for=\"size\">Size</label><select id=\"size\" name=\"size\" required>"_h);
  for (const SizeStock& size : product.sizes) {
    html("<option value=\""_h, size.size, "\""_h);
    if (size.available <= 0) html(" disabled"_h);
    html(">"_h, size.size,
         size.available <= 0   ? " – sold out"
         : size.available <= 3 ? " – only a few left"
                               : "",
         "</option>"_h);
  }
  return html("</select>"_h);
}

}  // namespace

Html home_page(const HomeView& view) {
  Html html;
  return html(
      "<section class=\"hero\"><div><h1>Good things, made to be used.</h1><p>Clothes, shoes, a lamp for the reading "
      "chair. Sent within a day, back within thirty.</p><p><a class=\"button\" href=\"/search?stock=1\">See "
      "everything</a></p></div></section>"_h,
      tiles("New and noted", view.featured), ad_box(view.ad), tiles("Chosen for you", view.recommended));
}

Html search_page(const SearchView& view, const Search& search, const std::optional<Ad>& ad) {
  const Found& found = view.found;
  Html html;
  html("<h1>"_h);
  if (search.text.empty()) {
    const auto category = search.filters.find("category");
    html(category != search.filters.end() && category->second.size() == 1 ? capitalised(category->second.front())
                                                                          : std::string("Everything"));
  } else {
    html("“"_h, search.text, "”"_h);
  }
  html(" <small>"_h, found.total, found.total == 1 ? " product" : " products", "</small></h1>"_h);
  if (!found.corrected.empty()) {
    html("<p class=\"notice\" role=\"status\">Shown are results for <strong>"_h, found.corrected, "</strong>.</p>"_h);
  }
  if (found.relaxed) html("<p class=\"notice\" role=\"status\">Nothing has all of these words; these have some.</p>"_h);
  html("<div class=\"split\">"_h, facets(found, search), "<div>"_h);
  if (view.tiles.empty()) {
    html(nothing_found(found, search));
  } else {
    html(order_links(search), tiles("", view.tiles));
  }
  if (!found.next_page_token.empty()) {
    auto query = query_of(search);
    query.emplace_back("page", found.next_page_token);
    html("<p class=\"more\"><a class=\"button\" rel=\"next\" href=\""_h, address("/search", query),
         "\">Next page</a></p>"_h);
  }
  return html(ad_box(ad), "</div></div>"_h);
}

Html product_page(const Frame& frame, const ProductView& view) {
  const Product& product = view.tile.product;
  const int stock = in_stock(product);
  Html html;
  html("<article class=\"product\"><div class=\"picture\"><img width=\"640\" height=\"640\" src=\"/pictures/"_h,
       encoded(product.picture), "\" alt=\"Drawing: "_h, product.name,
       "\"></div><div class=\"facts\"><p class=\"maker\">"_h, product.brand, "</p><h1>"_h, product.name,
       "</h1><p class=\"price\">"_h, shown(view.tile.price), "</p><p>"_h, product.description, "</p>"_h);
  if (stock == 0) {
    html("<p class=\"stock out\">Sold out at the moment.</p>"_h);
  } else {
    html("<p class=\"stock\">"_h, stock <= 5 ? "Only a few left." : "In stock, sent within a day.",
         "</p><form class=\"add\" method=\"post\" action=\"/cart/add\">"_h, csrf_field(frame),
         "<input type=\"hidden\" name=\"product\" value=\""_h, product.id, "\">"_h, size_choice(product),
         "<label for=\"quantity\">Quantity</label><input id=\"quantity\" name=\"quantity\" type=\"number\" min=\"1\" "
         "max=\"99\" "
         "value=\"1\" inputmode=\"numeric\" required><button>Add to cart</button></form>"_h);
  }
  html("<dl>"_h);
  const auto fact = [&html](const char* name, const std::string& value) {
    if (!value.empty()) html("<dt>"_h, name, "</dt><dd>"_h, value, "</dd>"_h);
  };
  fact("Material", product.material);
  fact("Care", product.care);
  std::string colours;
  for (const std::string& colour : product.colours) colours += (colours.empty() ? "" : ", ") + colour;
  fact("Colours", colours);
  if (product.weight_grams > 0) html("<dt>Weight</dt><dd>"_h, product.weight_grams, " g</dd>"_h);
  return html("<dt>Number</dt><dd>"_h, product.id, "</dd></dl></div></article>"_h,
              tiles("Goes well with it", view.recommended), ad_box(view.ad));
}

namespace {

Html stars(int64_t count) {
  Html html;
  html("<span class=\"stars\" aria-hidden=\"true\">"_h);
  for (int64_t i = 1; i <= 5; ++i) html(i <= count ? "★"_h : "☆"_h);
  return html("</span>"_h);
}

// The browser's own direction for each text: a right-to-left name does not turn its line around.
Html said(const Review& review) {
  const std::string when = day_and_time(review.unix_seconds);
  Html html;
  return html("<li><p>"_h, stars(review.stars), "<span class=\"hidden\">"_h, review.stars,
              " of 5 stars, </span> <strong><bdi>"_h, review.name, "</bdi></strong> <small>"_h,
              when.substr(0, when.find(',')), "</small></p><p class=\"said\" dir=\"auto\">"_h, review.text,
              "</p></li>"_h);
}

Html review_form(const Frame& frame, const std::string& product, const Review& review, std::string_view error,
                 bool change) {
  constexpr const char* kWords[] = {"bad", "not so good", "fair", "good", "very good"};
  Html html;
  html("<form class=\"card\" method=\"post\" action=\"/review/"_h, encoded(product), "\"><h3>"_h,
       change ? "Change your review" : "Write a review", "</h3>"_h);
  if (!error.empty()) html("<p class=\"notice bad\" id=\"review-error\" role=\"alert\">"_h, error, "</p>"_h);
  html(csrf_field(frame), "<label for=\"stars\">Stars</label><select id=\"stars\" name=\"stars\" required>"_h,
       "<option value=\"\">Choose</option>"_h);
  for (int i = 5; i >= 1; --i) {
    html("<option value=\""_h, i, "\""_h);
    if (review.stars == i) html(" selected"_h);
    html(">"_h, i, " – "_h, kWords[i - 1], "</option>"_h);
  }
  return html(
      "</select><label for=\"review-name\">Name to show</label><input id=\"review-name\" name=\"name\" "
      "maxlength=\"30\" autocomplete=\"nickname\" required value=\""_h,
      review.name,
      "\"><label for=\"review-text\">What you think of it</label><textarea id=\"review-text\" name=\"text\" "
      "rows=\"4\" maxlength=\"600\" required>\n"_h,
      review.text, "</textarea><button>"_h, change ? "Change it" : "Publish",
      "</button><p><small>Everybody sees it. One for each product and customer.</small></p></form>"_h);
}

}  // namespace

Html reviews_section(const Frame& frame, const std::string& product, const ReviewsView& view,
                     const std::optional<ReviewForm>& form) {
  Html html;
  html("<section class=\"reviews\" id=\"reviews\"><h2>What others say</h2><div class=\"split buy\"><div>"_h);
  if (view.count == 0) {
    html("<p>Nothing yet.</p>"_h);
  } else {
    html("<p>"_h, stars((view.average_tenths + 5) / 10), " <strong>"_h, view.average_tenths / 10, "."_h,
         view.average_tenths % 10, "</strong> of 5, "_h, view.count, view.count == 1 ? " review" : " reviews",
         "</p><ul>"_h);
    for (const Review& one : view.newest) html(said(one));
    html("</ul>"_h);
  }
  if (view.own_waits) {
    html(
        "<p class=\"notice\" role=\"status\">Yours is here, and is shown when somebody of the shop has looked at it.</p>"_h);
  }
  const Review fresh{.name = frame.visit.name};
  return html("</div>"_h,
              review_form(frame, product, form ? form->review : view.own.value_or(fresh),
                          form ? form->error : std::string(), view.own.has_value()),
              "</div></section>"_h);
}

Html coming_page(std::string_view name, std::string_view what) {
  Html html;
  return html(
      "<section class=\"problem\"><p class=\"status\">Soon</p><h1>"_h, name, "</h1><p>"_h, what,
      "</p><p>It comes with the next release and does not work yet.</p><p><a class=\"button\" href=\"/\">To the front "
      "page</a></p></section>"_h);
}

Html blocked_page() {
  Html html;
  return html(
      "<section class=\"problem\"><p class=\"status\">Paused</p><h1>We cannot serve you at the moment</h1><p>Something "
      "about the recent use of this session, account or address made our protection step in. Nothing in your "
      "orders has changed.</p><p>Please try again later. If this is a mistake, write to the people who run this shop "
      "and they will lift it.</p></section>"_h);
}

}  // namespace vcommerce::frontend
