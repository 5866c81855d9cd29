#include "catalogue.h"

#include "generator.h"
#include "store_fixture.h"

#include <set>

namespace vcommerce::catalogue {
namespace {

std::unique_ptr<Catalogue> catalogue_of(const std::vector<Product>& seed, const HandClock& hands) {
  base::Result<std::unique_ptr<Catalogue>> catalogue = Catalogue::open(open_store(seed, hands), hands.clock());
  EXPECT_TRUE(catalogue);
  return catalogue ? *std::move(catalogue) : nullptr;
}

class Shop : public testing::Test {
 protected:
  static void SetUpTestSuite() { catalogue_ = catalogue_of(generate_products(), HandClock()).release(); }
  static void TearDownTestSuite() { delete catalogue_; }

  static SearchAnswer found(const SearchRequest& request) {
    base::Result<SearchAnswer> answer = catalogue_->search(request);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message());
    return answer ? *std::move(answer) : SearchAnswer{};
  }
  static SearchAnswer found(std::string query) {
    SearchRequest request;
    request.query = std::move(query);
    return found(request);
  }

  inline static Catalogue* catalogue_ = nullptr;
};

TEST_F(Shop, FindsByAnyWordOfAProduct) {
  const SearchAnswer answer = found("linen dress");
  ASSERT_GT(answer.total, 0);
  EXPECT_FALSE(answer.relaxed);
  EXPECT_EQ(answer.corrected_query, "");
  EXPECT_EQ(answer.products[0]->kind, "dress");
  EXPECT_EQ(answer.products[0]->material, "linen");
  EXPECT_GT(found("sneakers").total, 5);
  EXPECT_GT(found("sneak").total, 5) << "the beginning of a word";
  EXPECT_GT(found("MUGS").total, 5);
}

TEST_F(Shop, UnderstandsOtherWordsForThings) {
  EXPECT_GT(found("sweater").total, 5);
  EXPECT_GT(found("pants").total, 5);
  EXPECT_GT(found("red dress").total, 0);
}

TEST_F(Shop, CorrectsTypingErrors) {
  const SearchAnswer answer = found("snekers");
  EXPECT_EQ(answer.corrected_query, "sneakers");
  EXPECT_GT(answer.total, 5);
  EXPECT_FALSE(found("lambswol jumpr").corrected_query.empty());
  EXPECT_GT(found("lambswol jumpr").total, 0);
}

TEST_F(Shop, ShowsSomethingWhenNothingHasAllWords) {
  const SearchAnswer answer = found("linen lipstick");
  EXPECT_TRUE(answer.relaxed);
  EXPECT_GT(answer.total, 0);
}

TEST_F(Shop, SuggestsWhenNothingIsFound) {
  const SearchAnswer answer = found("qqzzxx");
  EXPECT_EQ(answer.total, 0);
  EXPECT_FALSE(answer.relaxed);
  EXPECT_FALSE(answer.suggestions.empty());
}

TEST_F(Shop, OperatorsOfTheIndexAreOnlyWords) {
  for (const char* query : {"\"", "NEAR(a b)", "name:mug", "mug*", "a AND", "NOT mug", "(", "mug) OR (", "-mug", "^mug",
                            "'; DROP TABLE products; --", "{}", "mug + bowl", "* * *", "\\", "OR OR OR", "\"mug"}) {
    (void)found(query);
  }
  EXPECT_GT(found("mug").total, 0) << "everything is still there";
}

TEST_F(Shop, FacetsCountAllThatWasFound) {
  SearchRequest request;
  request.page_size = 1;
  const SearchAnswer answer = found(request);
  ASSERT_EQ(answer.facets.size(), 5U);
  int64_t categories = 0;
  for (const FacetValue& value : answer.facets[0].values) categories += value.count;
  EXPECT_EQ(categories, answer.total);
  int64_t bands = 0;
  for (const FacetValue& value : answer.facets[4].values) bands += value.count;
  EXPECT_EQ(bands, answer.total);
  EXPECT_EQ(answer.facets[4].values[0].value, "0-25");
}

TEST_F(Shop, FacetsFilterAsTheyCount) {
  SearchRequest request;
  request.query = "cotton";
  const SearchAnswer all = found(request);
  for (const Facet& facet : all.facets) {
    ASSERT_FALSE(facet.values.empty()) << facet.name;
    SearchRequest narrow = request;
    const FacetValue value = facet.values.front();
    if (facet.name == "category") narrow.categories = {value.value};
    if (facet.name == "brand") narrow.brands = {value.value};
    if (facet.name == "colour") narrow.colours = {value.value};
    if (facet.name == "size") narrow.sizes = {value.value};
    if (facet.name == "price") narrow.price_bands = {value.value};
    EXPECT_EQ(found(narrow).total, value.count) << facet.name << " " << value.value;
  }
  request.brands = {"No Such Brand"};
  EXPECT_EQ(found(request).total, 0);
}

TEST_F(Shop, OrdersByPrice) {
  SearchRequest request;
  request.query = "lamp";
  request.order = Order::kPriceAscending;
  Price last;
  for (const ProductPtr& one : found(request).products) {
    EXPECT_LE(last, one->price);
    last = one->price;
  }
  request.order = Order::kPriceDescending;
  EXPECT_GE(found(request).products.at(0)->price, last);
}

TEST_F(Shop, PagesShowEveryProductOnce) {
  SearchRequest request;
  request.page_size = 37;
  std::set<std::string> seen;
  int64_t total = 0;
  do {
    const SearchAnswer page = found(request);
    total = page.total;
    for (const ProductPtr& one : page.products) EXPECT_TRUE(seen.insert(one->id).second) << one->id;
    request.page_token = page.next_page_token;
  } while (!request.page_token.empty());
  EXPECT_EQ(static_cast<int64_t>(seen.size()), total);

  std::set<std::string> listed;
  std::string token;
  do {
    base::Result<ListAnswer> page = catalogue_->list("", false, 50, token);
    ASSERT_TRUE(page);
    for (const ProductPtr& one : page->products) EXPECT_TRUE(listed.insert(one->id).second);
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(listed, seen);
}

TEST_F(Shop, RefusesPageTokensThatItDidNotGive) {
  SearchRequest request;
  request.query = "mug";
  request.page_size = 2;
  const std::string token = found(request).next_page_token;
  ASSERT_FALSE(token.empty());
  for (const std::string& wrong : {std::string("1"), std::string("-1.abc"), std::string("99999999999999999999.x"),
                                   token + "x", "0" + token, std::string(100'000, '1')}) {
    request.page_token = wrong;
    EXPECT_FALSE(catalogue_->search(request)) << wrong.substr(0, 40);
  }
  request.page_token = token;
  request.query = "bowl";
  EXPECT_FALSE(catalogue_->search(request)) << "of another search";
  EXPECT_FALSE(catalogue_->list("", false, 10, "x' OR 1=1 --"));
}

TEST(Catalogue, CachesAndCountsIt) {
  const HandClock hands;
  const auto catalogue = catalogue_of({product("A-1", "Blue Mug"), product("B-2", "Bowl")}, hands);
  (void)catalogue->take_hits();
  ASSERT_TRUE(catalogue->get("A-1"));
  ASSERT_TRUE(catalogue->get("A-1"));
  const cache::HitCounts counts = catalogue->take_hits();
  EXPECT_EQ(counts.hits, 1U);
  EXPECT_EQ(counts.misses, 1U);
}

TEST(Catalogue, ShowsAChangeAtOnce) {
  const HandClock hands;
  const auto catalogue = catalogue_of({product("A-1", "Blue Mug", 5)}, hands);
  EXPECT_EQ((*catalogue->get("A-1"))->available(), 5);
  ASSERT_TRUE(catalogue->reserve("o-1", {{"A-1", "", 2}}));
  EXPECT_EQ((*catalogue->get("A-1"))->available(), 3);
  ASSERT_TRUE(catalogue->release("o-1"));
  EXPECT_EQ((*catalogue->get("A-1"))->available(), 5);
  ASSERT_TRUE(catalogue->set_price("A-1", {3, 0}));
  EXPECT_EQ((*catalogue->get("A-1"))->price.units, 3);
  EXPECT_EQ(catalogue->maintain(false)->ids, (std::set<std::string>{"A-1"}));
}

TEST(Catalogue, ScriptInNamesIsData) {
  const HandClock hands;
  const std::string name = "<script>alert('x')</script> & \"Mug\"";
  const auto catalogue = catalogue_of({product("A-1", name)}, hands);
  EXPECT_EQ((*catalogue->get("A-1"))->name, name);
  SearchRequest request;
  request.query = "<script>";
  EXPECT_EQ(catalogue->search(request)->products.at(0)->name, name);
}

}  // namespace
}  // namespace vcommerce::catalogue
