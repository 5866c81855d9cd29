#include "fakes/fake_shop.h"
#include "frontend_service.h"
#include "http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <vcommerce/orders/data_folder.h>
#include <vcommerce/testing/test_host.h>

namespace vcommerce::frontend {
namespace {

using frontend::testing::Answer;
using frontend::testing::Browser;
using frontend::testing::FakeShop;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// What `make`, a plain function, hands over between a test and its host.
std::shared_ptr<FakeShop> next_shop;
FrontendService* made = nullptr;

base::Result<std::unique_ptr<runtime::Service>> make_with_fakes(const runtime::Settings& settings,
                                                                runtime::Context& context) {
  SiteConfig config;
  config.blocked = [shop = next_shop](std::string_view kind, std::string_view value) {
    base::MutexLock lock(shop->mutex);
    return shop->blocked.contains(std::string(kind) + ":" + std::string(value));
  };
  auto service =
      FrontendService::create(settings, context, frontend::testing::backends_of(next_shop), std::move(config));
  if (!service) return std::move(service).error();
  made = service->get();
  return std::unique_ptr<runtime::Service>(*std::move(service));
}

class Shop : public ::testing::Test {
 protected:
  void SetUp() override {
    next_shop = shop_;
    runtime::ServiceInfo fakes = info();
    fakes.make = make_with_fakes;
    host_ = vcommerce::testing::TestHost::start(fakes, {.settings = {{"http-listen", "127.0.0.1:0"}}});
    ASSERT_NE(host_, nullptr);
    address_ = made->http_address();
  }

  Browser browser() const { return Browser(address_); }
  void put_down(const std::string& name) {
    base::MutexLock lock(shop_->mutex);
    shop_->down.insert(name);
  }
  // A session with a dress in its cart.
  Browser with_dress() {
    Browser one = browser();
    one.get("/product/APP-DRS-0001");
    EXPECT_EQ(one.post_form("/cart/add", "product=APP-DRS-0001&size=M&quantity=2").status, 303);
    return one;
  }
  static std::string order_form(const Answer& page) {
    constexpr char kField[] = "name=\"key\" value=\"";
    const size_t at = page.body.find(kField);
    EXPECT_NE(at, std::string::npos);
    return "key=" + page.body.substr(at + sizeof kField - 1, 32) +
           "&name=Jane+Doe&email=jane%40example.com&street=Main+St+1&city=Berlin&postal_code=10115&country=DE"
           "&card_number=4242+4242+4242+4242&card_expiry=12%2F39&card_cvc=123";
  }

  std::shared_ptr<FakeShop> shop_ = std::make_shared<FakeShop>();
  std::unique_ptr<vcommerce::testing::TestHost> host_;
  std::string address_;
};

TEST_F(Shop, ShowsItsFrontPageWithPricesInTheVisitorsCurrency) {
  Browser one = browser();
  const Answer page = one.get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("Linen dress"));
  EXPECT_THAT(page.body, HasSubstr("€80.00"));
  EXPECT_THAT(page.body, HasSubstr("Chosen for you"));
  EXPECT_EQ(one.post_form("/currency", "currency=JPY&back=%2F").status, 303);
  EXPECT_THAT(one.get("/").body, HasSubstr("¥12,800"));
  EXPECT_TRUE(host_->metric_arrives("frontend.request.count:1|c", "route:/,"));
  EXPECT_TRUE(host_->metric_arrives("frontend.request.duration:", "session_id:" + one.cookie("session_id")));
  EXPECT_TRUE(host_->metric_arrives("frontend.page.render_time:", "page:/"));
}

TEST_F(Shop, EscapesNamesWhereverTheyStand) {
  Browser one = browser();
  for (const char* path : {"/", "/search?q=%3Cscript%3E", "/product/APP-EVL-0001", "/product/%3Cscript%3Ealert(1)"}) {
    const Answer page = one.get(path);
    EXPECT_THAT(page.body, Not(HasSubstr("<script>alert"))) << path;
    EXPECT_THAT(page.body, Not(HasSubstr("\"><script>"))) << path;
  }
  EXPECT_THAT(one.get("/product/APP-EVL-0001").body,
              HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt; &quot;shirt&quot;"));
  EXPECT_THAT(one.get("/").body, HasSubstr("Lamps &lt;half&gt; price"));
}

TEST_F(Shop, SendsHeadersThatLeaveNoRoomForOthersScripts) {
  const Answer page = browser().get("/");
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("script-src 'self'"));
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(page.header("referrer-policy"), "same-origin");
  EXPECT_THAT(page.header("set-cookie"), HasSubstr("HttpOnly; SameSite=Lax"));
  EXPECT_THAT(page.body, Not(HasSubstr("<style")));
  EXPECT_THAT(page.body, Not(HasSubstr(" style=")));
  EXPECT_THAT(browser().get("/assets/shop.js").header("content-type"), HasSubstr("text/javascript"));
}

TEST_F(Shop, PassesFacetsAndOrderOnAndKeepsThemInItsLinks) {
  Browser one = browser();
  const Answer page = one.get("/search?q=many&category=home&category=shoes&price=25-50&order=-price&stock=1");
  EXPECT_EQ(page.status, 200);
  base::MutexLock lock(shop_->mutex);
  EXPECT_EQ(shop_->last_search.filters["category"], (std::vector<std::string>{"home", "shoes"}));
  EXPECT_EQ(shop_->last_search.filters["price"], std::vector<std::string>{"25-50"});
  EXPECT_EQ(shop_->last_search.order, "-price");
  EXPECT_TRUE(shop_->last_search.in_stock_only);
  EXPECT_THAT(page.body,
              HasSubstr("order=-price&amp;stock=1&amp;category=home&amp;category=shoes&amp;price=25-50&amp;page=2"));
  EXPECT_THAT(page.body, HasSubstr("Nothing fits"));
  EXPECT_THAT(page.body, HasSubstr("/search?q=linen"));
}

TEST_F(Shop, SellsWithoutAScript) {
  Browser one = with_dress();
  const Answer cart = one.get("/cart");
  EXPECT_THAT(cart.body, HasSubstr("€160.00"));
  EXPECT_THAT(cart.body, HasSubstr("€4.90"));
  const Answer form = one.get("/checkout");
  ASSERT_EQ(form.status, 200);
  const std::string fields = order_form(form);
  const Answer bought = one.post_form("/checkout", fields);
  ASSERT_EQ(bought.status, 303);
  EXPECT_EQ(bought.header("location"), "/order/o-1");
  // The same form again is the same order.
  EXPECT_EQ(one.post_form("/checkout", fields).header("location"), "/order/o-1");
  const Answer order = one.get("/order/o-1");
  EXPECT_THAT(order.body, HasSubstr("your order is confirmed"));
  EXPECT_THAT(order.body, HasSubstr("ending in 4242"));
  EXPECT_THAT(order.body, HasSubstr("in transit"));
  EXPECT_THAT(one.get("/track/VC000000000017").body, HasSubstr("Berlin"));
  EXPECT_EQ(browser().get("/order/o-1").status, 404);
  base::MutexLock lock(shop_->mutex);
  ASSERT_FALSE(shop_->placed.empty());
  EXPECT_EQ(shop_->placed[0].card.expiration_year, 2039);
  EXPECT_EQ(shop_->placed[0].currency, "EUR");
}

TEST_F(Shop, NeverShowsACardAgainAndNamesTheFieldThatIsWrong) {
  Browser one = with_dress();
  {
    base::MutexLock lock(shop_->mutex);
    shop_->next_order_fails = base::Error(base::ErrorCode::kInvalidArgument, "number: the check digit is wrong");
  }
  const std::string fields = order_form(one.get("/checkout"));
  const Answer again = one.post_form("/checkout", fields);
  EXPECT_EQ(again.status, 400);
  EXPECT_THAT(again.body, HasSubstr("Card number: the check digit is wrong"));
  EXPECT_THAT(again.body,
              HasSubstr("value=\"\" required aria-invalid=\"true\" aria-describedby=\"card_number-error\" autofocus>"
                        "<small class=\"error\" id=\"card_number-error\">Card number: "));
  EXPECT_THAT(again.body, HasSubstr("<title>Please look again – Checkout"));
  EXPECT_THAT(again.body, HasSubstr("jane@example.com"));
  EXPECT_THAT(again.body, Not(HasSubstr("value=\"4242")));
  for (const auto& [given, instead, label] : {std::tuple("country=DE", "country=XX", "Country: "),
                                              std::tuple("card_expiry=12%2F39", "card_expiry=soon", "Valid to: "),
                                              std::tuple("email=jane%40example.com", "email=nobody", "E-mail: ")}) {
    std::string wrong = fields;
    wrong.replace(wrong.find(given), std::string(given).size(), instead);
    const Answer page = one.post_form("/checkout", wrong);
    EXPECT_EQ(page.status, 400);
    EXPECT_THAT(page.body, HasSubstr(label));
  }
}

TEST_F(Shop, KeepsTheKeyOfAnOrderWhoseAnswerWasLost) {
  Browser one = with_dress();
  {
    base::MutexLock lock(shop_->mutex);
    shop_->next_order_fails = base::Error(base::ErrorCode::kTimeout, "checkoutservice at 192.0.2.7 took too long");
  }
  const std::string fields = order_form(one.get("/checkout"));
  const Answer unknown = one.post_form("/checkout", fields);
  EXPECT_EQ(unknown.status, 503);
  EXPECT_THAT(unknown.body, Not(HasSubstr("192.0.2.7")));
  EXPECT_EQ(order_form(unknown), fields);
  EXPECT_EQ(one.post_form("/checkout", fields).status, 303);
}

// Its process dies while a customer has a form open.
TEST_F(Shop, KnowsItsOwnFormsAfterARestart) {
  const DataFolder folder = *DataFolder::open("");
  const auto start = [&] {
    host_.reset();
    next_shop = shop_;
    runtime::ServiceInfo fakes = info();
    fakes.make = make_with_fakes;
    host_ = vcommerce::testing::TestHost::start(
        fakes, {.settings = {{"http-listen", "127.0.0.1:0"}, {"data-dir", folder.path()}}});
    address_ = made->http_address();
  };
  start();
  Browser one = with_dress();
  EXPECT_EQ(one.post_form("/account", "name=Jane").status, 303);
  const std::string fields = order_form(one.get("/checkout"));
  start();
  Browser again = browser();
  for (const char* name : {"session_id", "account"}) again.set_cookie(name, one.cookie(name));
  EXPECT_THAT(again.get("/account").body, HasSubstr("value=\"Jane\""));
  EXPECT_EQ(again.post_form("/checkout", fields + "&csrf=" + one.csrf()).status, 303);
  struct stat file{};
  ASSERT_EQ(::stat((folder.path() + "/frontend.secret").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600);
}

TEST_F(Shop, SendsAnOrderAsItsCustomerChoseAndChargesWhatWasShown) {
  Browser one = with_dress();
  const Answer form = one.get("/checkout");
  EXPECT_THAT(form.body, HasSubstr("id=\"speed-standard\" value=\"standard\" checked"));
  EXPECT_THAT(form.body, HasSubstr("€164.90"));
  EXPECT_THAT(form.body, HasSubstr("name=\"seen\" value=\"164.90 EUR\""));
  // The script of the page asks for another way; so does the button of those without it, and nothing is bought.
  EXPECT_THAT(one.get("/checkout?country=DE&speed=express").body, HasSubstr("€172.90"));
  const std::string fields = order_form(form);
  const Answer look = one.post_form("/checkout", fields + "&speed=express&look=1&seen=164.90+EUR");
  EXPECT_EQ(look.status, 200);
  EXPECT_THAT(look.body, HasSubstr("id=\"speed-express\" value=\"express\" checked"));
  EXPECT_THAT(look.body, HasSubstr("name=\"seen\" value=\"172.90 EUR\""));
  EXPECT_THAT(look.body, HasSubstr("jane@example.com"));
  // Another total than the page said is shown first.
  const Answer changed = one.post_form("/checkout", fields + "&speed=express&seen=164.90+EUR");
  EXPECT_EQ(changed.status, 409);
  EXPECT_THAT(changed.body, HasSubstr("The price is not what it was"));
  EXPECT_EQ(order_form(changed), fields);
  EXPECT_EQ(one.post_form("/checkout", fields + "&speed=by+pigeon").status, 400);
  EXPECT_EQ(one.post_form("/checkout", fields + "&speed=express&seen=172.90+EUR").status, 303);
  base::MutexLock lock(shop_->mutex);
  ASSERT_EQ(shop_->placed.size(), 1u);
  EXPECT_TRUE(shop_->placed[0].express);
}

TEST_F(Shop, SaysWhatOfACartCannotBeBoughtAndLeavesAnEmptyCheckout) {
  Browser one = with_dress();
  const std::string fields = order_form(one.get("/checkout"));
  const auto refuse = [&](base::Error error) {
    base::MutexLock lock(shop_->mutex);
    shop_->next_order_fails = std::move(error);
  };
  const auto stock = [&](int left) {
    base::MutexLock lock(shop_->mutex);
    shop_->products.at("APP-DRS-0001").sizes = {{"S", 0}, {"M", left}};
  };
  stock(1);
  EXPECT_THAT(one.get("/cart").body, HasSubstr("Only 1 left."));
  refuse({base::ErrorCode::kAlreadyExists, "APP-DRS-0001 (M): 2 wanted, 1 left"});
  const Answer stale = one.post_form("/checkout", fields);
  EXPECT_EQ(stale.status, 409);
  EXPECT_THAT(stale.body,
              HasSubstr("“Linen dress”, size M: only 1 left. Please change your cart; nothing was charged."));
  EXPECT_THAT(stale.body, Not(HasSubstr("2 wanted")));
  EXPECT_EQ(one.get("/checkout").header("location"), "/cart");
  stock(0);
  EXPECT_THAT(one.get("/cart").body, HasSubstr("Sold out: please remove it."));
  stock(4);
  // Another tab emptied it while the form was open.
  one.post_form("/cart/set", "product=APP-DRS-0001&size=M&quantity=0");
  refuse({base::ErrorCode::kAlreadyExists, "the cart is empty"});
  EXPECT_EQ(one.post_form("/checkout", fields).header("location"), "/cart");
  // But when nobody knows, the form stays as it is.
  refuse({base::ErrorCode::kTimeout, "late"});
  EXPECT_EQ(order_form(one.post_form("/checkout", fields)), fields);
}

TEST_F(Shop, SaysOneSizeOnce) {
  Browser one = with_dress();
  EXPECT_THAT(one.get("/cart").body, HasSubstr("<small>Size M</small>"));
  EXPECT_THAT(one.get("/checkout").body, HasSubstr("Linen dress, size M"));
  EXPECT_EQ(size_in_words("One size"), "one size");
}

TEST_F(Shop, TakesNoOrderOfASessionThatIsBlockedMeanwhile) {
  Browser one = with_dress();
  const std::string fields = order_form(one.get("/checkout"));
  {
    base::MutexLock lock(shop_->mutex);
    shop_->blocked.insert("session:" + one.cookie("session_id"));
  }
  const Answer page = one.post_form("/checkout", fields);
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.body, HasSubstr("We cannot serve you at the moment"));
  {
    base::MutexLock lock(shop_->mutex);
    EXPECT_TRUE(shop_->placed.empty());
    shop_->blocked.clear();
  }
  // Lifted, the same form is still good.
  EXPECT_EQ(one.post_form("/checkout", fields).status, 303);
}

TEST_F(Shop, ShowsReviewsAsTextOneOfEachCustomer) {
  Browser one = with_dress();
  EXPECT_THAT(one.get("/product/APP-DRS-0001").body, HasSubstr("Nothing yet."));
  const std::string odd = "stars=4&name=I+%3C3+%26+Ann&text=5+%3C+6%2C+%22so%22%0D%0Asecond+line";
  const Answer written = one.post_form("/review/APP-DRS-0001", odd);
  EXPECT_EQ(written.status, 303);
  EXPECT_EQ(written.header("location"), "/product/APP-DRS-0001#reviews");
  const Answer page = browser().get("/product/APP-DRS-0001");
  EXPECT_THAT(page.body, HasSubstr("5 &lt; 6, &quot;so&quot;\nsecond line"));
  EXPECT_THAT(page.body, HasSubstr("<bdi>I &lt;3 &amp; Ann</bdi>"));
  EXPECT_THAT(page.body, HasSubstr("<strong>4.0</strong> of 5, 1 review<"));
  EXPECT_THAT(one.get("/product/APP-DRS-0001").body, HasSubstr("Change your review"));
  EXPECT_EQ(one.post_form("/review/APP-DRS-0001", "stars=2&name=Ann&text=Shrank.").status, 303);
  EXPECT_THAT(one.get("/api/reviews/APP-DRS-0001").body,
              HasSubstr(R"({"count":1,"average_tenths":20,"reviews":[{"name":"Ann","stars":2,"text":"Shrank.")"));
  // What cannot be taken is shown again with its reason.
  const Answer wrong = one.post_form("/review/APP-DRS-0001", "stars=9&name=Ann&text=Kept+while+typing");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("stars: from 1 to 5"));
  EXPECT_THAT(wrong.body, HasSubstr("Kept while typing</textarea>"));
  EXPECT_EQ(one.post_form("/review/NOPE", "stars=4&name=Ann&text=x").status, 404);
  EXPECT_EQ(one.post_form("/review/APP-DRS-0001", "stars=4&name=A&text=x", "Origin: https://evil.example\r\n").status,
            403);
  EXPECT_EQ(browser().post_form("/review/APP-DRS-0001", "stars=4&name=A&text=x").status, 403);
  EXPECT_EQ(one.send_json("POST", "/api/reviews/APP-DRS-0001", R"({"stars":5,"name":"Ann","text":"Better."})").status,
            201);
  EXPECT_TRUE(host_->metric_arrives("frontend.review.count:1|c", "stars:5"));
}

TEST_F(Shop, HoldsReviewsThatLookHostileAndShowsThemToTheirAuthorAlone) {
  Browser one = with_dress();
  const std::string hostile = "stars=1&name=%3Cb%3EEve&text=%3Cscript%3Ealert(1)%3C/script%3E";
  EXPECT_EQ(one.post_form("/review/APP-DRS-0001", hostile).status, 303);
  const Answer own = one.get("/product/APP-DRS-0001");
  EXPECT_THAT(own.body, HasSubstr("is shown when somebody of the shop has looked at it"));
  EXPECT_THAT(own.body, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;</textarea>"));
  EXPECT_THAT(own.body, HasSubstr("Nothing yet."));
  EXPECT_THAT(own.body, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(browser().get("/product/APP-DRS-0001").body, Not(HasSubstr("alert(1)")));
  EXPECT_TRUE(host_->metric_arrives("frontend.review.held.count:1|c", "reason:markup"));
  const Answer held =
      one.send_json("POST", "/api/reviews/APP-DRS-0001", R"({"stars":5,"name":"Eve","text":"at lamps.com"})");
  EXPECT_EQ(held.status, 202);
  EXPECT_THAT(held.body, HasSubstr(R"("reviews":[],"own_waits":true)"));
}

TEST_F(Shop, TakesAFewReviewsOfASessionAndNoMore) {
  Browser one = with_dress();
  const std::string typed = "stars=4&name=Ann&text=Kept+while+waiting";
  for (int i = 0; i < kReviewsPerWindow; ++i) EXPECT_EQ(one.post_form("/review/APP-DRS-0001", typed).status, 303);
  const Answer page = one.post_form("/review/APP-DRS-0001", typed);
  EXPECT_EQ(page.status, 429);
  EXPECT_THAT(page.body, HasSubstr("please go on in ten minutes"));
  EXPECT_THAT(page.body, HasSubstr("Kept while waiting</textarea>"));
  EXPECT_EQ(one.send_json("POST", "/api/reviews/APP-DRS-0001", R"({"stars":5,"name":"A","text":"b"})").status, 429);
  EXPECT_TRUE(host_->metric_arrives("frontend.review.dropped.count:1|c"));
  Browser other = with_dress();
  EXPECT_EQ(other.post_form("/review/APP-DRS-0001", "stars=4&name=Bob&text=Fine").status, 303);
}

TEST_F(Shop, CountsTheAdvertisementsThatPagesShowedAfterTheAnswer) {
  Browser one = with_dress();
  one.get("/");
  one.get("/search?q=lamp");
  const int asked = [&] {
    base::MutexLock lock(shop_->mutex);
    return shop_->ads_asked;
  }();
  EXPECT_EQ(asked, 3);
  // Who shows none asks for none.
  one.get("/api/products?q=lamp");
  one.get("/api/products/APP-DRS-0001");
  host_.reset();  // what waits is told before the end
  base::MutexLock lock(shop_->mutex);
  EXPECT_EQ(shop_->ads_asked, 3);
  ASSERT_EQ(shop_->seen.size(), 3u);
  EXPECT_EQ(shop_->seen[0].placement, "p-1");
  EXPECT_EQ(shop_->seen[1].session_id, one.cookie("session_id"));
}

TEST_F(Shop, RefusesFormsOfOthers) {
  Browser one = with_dress();
  EXPECT_EQ(
      one.post_form("/cart/add", "product=HOM-LMP-0001&size=M&quantity=1", "Origin: https://evil.example\r\n").status,
      403);
  EXPECT_EQ(
      one.post_form("/cart/add", "product=HOM-LMP-0001&size=M&quantity=1", "Sec-Fetch-Site: cross-site\r\n").status,
      403);
  // A token of another session, and none.
  Browser other = browser();
  other.get("/product/APP-DRS-0001");
  other.set_cookie("session_id", one.cookie("session_id"));
  EXPECT_EQ(other.post_form("/cart/add", "product=HOM-LMP-0001&size=M&quantity=1").status, 403);
  Browser fresh = browser();
  const Answer late = fresh.post_form("/cart/add", "product=HOM-LMP-0001&size=M&quantity=1");
  EXPECT_EQ(late.status, 403);
  EXPECT_THAT(late.body, HasSubstr("Please try that once more"));
  EXPECT_THAT(late.body, HasSubstr("href=\"/product/HOM-LMP-0001\">Back to the page"));
  EXPECT_THAT(fresh.post_form("/currency", "currency=EUR&back=%2F%2Fevil.example").body,
              Not(HasSubstr("evil.example")));
  EXPECT_EQ(one.send_json("POST", "/cart/add", R"({"product":"HOM-LMP-0001"})").status, 400);
  base::MutexLock lock(shop_->mutex);
  EXPECT_EQ(shop_->carts[one.cookie("session_id")].size(), 1u);
}

TEST_F(Shop, AnswersNonsenseWithAFriendlyPageThatNamesTheField) {
  Browser one = with_dress();
  const auto wrong = [&](const std::string& fields) { return one.post_form("/cart/add", fields); };
  for (const char* quantity : {"-1", "0", "100", "many", "1.5"}) {
    const Answer page = wrong("product=APP-DRS-0001&size=M&quantity=" + std::string(quantity));
    EXPECT_EQ(page.status, 400) << quantity;
    EXPECT_THAT(page.body, HasSubstr("quantity: ")) << quantity;
  }
  EXPECT_THAT(one.post_form("/currency", "currency=XYZ&back=%2F").body, HasSubstr("currency: "));
  EXPECT_THAT(one.get("/cart?country=ZZ").body, HasSubstr("country: "));
  EXPECT_THAT(one.get("/search?q=%ff").body, HasSubstr("q: not UTF-8"));
  EXPECT_THAT(one.get("/search?order=up").body, HasSubstr("order: "));
  EXPECT_THAT(one.get("/search?q=" + std::string(3'000, 'a')).body, HasSubstr("query: "));
  EXPECT_EQ(one.get("/product/..%2f..%2fetc").status, 400);
  EXPECT_EQ(one.get("/nothing").status, 404);
  EXPECT_EQ(one.get("/product/APP-XXX-0000").status, 404);
  EXPECT_EQ(one.get("/cart/add").status, 405);
  // A place to come back to is in this shop.
  EXPECT_EQ(one.post_form("/currency", "currency=EUR&back=%2F%2Fevil.example").header("location"), "/");
  EXPECT_EQ(one.get("/ad/p-1?to=https://evil.example").status, 400);
  EXPECT_EQ(one.get("/ad/p-1?to=/search?q=lamp").header("location"), "/search?q=lamp");
}

TEST_F(Shop, ShowsWhatItCanWhileOthersAreAway) {
  put_down("recommendations");
  put_down("ads");
  put_down("currencies");
  put_down("shipping");
  Browser one = browser();
  const Answer home = one.get("/");
  EXPECT_EQ(home.status, 200);
  EXPECT_THAT(home.body, HasSubstr("$100.00"));
  EXPECT_THAT(home.body, HasSubstr("catalogue&#39;s currency"));
  EXPECT_THAT(home.body, Not(HasSubstr("Chosen for you")));
  put_down("carts");
  EXPECT_EQ(one.get("/product/APP-DRS-0001").status, 200);
  const Answer cart = one.get("/cart");
  EXPECT_EQ(cart.status, 503);
  EXPECT_THAT(cart.body, HasSubstr("Part of the shop is away"));
  EXPECT_THAT(cart.body, Not(HasSubstr("192.0.2.7")));
  put_down("catalogue");
  EXPECT_EQ(one.get("/search").status, 503);
  EXPECT_TRUE(host_->metric_arrives("frontend.error.count:1|c", "route:/cart"));
  EXPECT_TRUE(host_->metric_arrives("frontend.session.error.count:1|c", "kind:page"));
}

TEST_F(Shop, TellsTheBlockedPolitely) {
  Browser one = with_dress();
  {
    base::MutexLock lock(shop_->mutex);
    shop_->blocked.insert("session:" + one.cookie("session_id"));
  }
  const Answer page = one.get("/");
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.body, HasSubstr("We cannot serve you at the moment"));
  EXPECT_EQ(one.get("/assets/style.css").status, 200);
  const Answer json = one.get("/api/cart");
  EXPECT_EQ(json.status, 403);
  EXPECT_THAT(json.body, HasSubstr("\"code\":\"blocked\""));
  EXPECT_EQ(browser().get("/").status, 200);
  base::MutexLock lock(shop_->mutex);
  shop_->blocked = {"address:127.0.0.1"};
}

TEST_F(Shop, BlocksUsersAndAddresses) {
  {
    base::MutexLock lock(shop_->mutex);
    shop_->blocked = {"address:127.0.0.1"};
  }
  EXPECT_EQ(browser().get("/").status, 403);
  {
    base::MutexLock lock(shop_->mutex);
    shop_->blocked.clear();
  }
  Browser one = browser();
  one.get("/account");
  EXPECT_EQ(one.post_form("/account", "name=Jane").status, 303);
  const std::string account = one.cookie("account");
  {
    base::MutexLock lock(shop_->mutex);
    shop_->blocked = {"user:" + account.substr(0, account.find(':'))};
  }
  EXPECT_EQ(one.get("/").status, 403);
}

TEST_F(Shop, SignsInWithTheCartAndOutAgain) {
  Browser one = with_dress();
  one.get("/account");
  EXPECT_EQ(one.post_form("/account", "name=J%C3%A4ne+%3Cb%3E&currency=USD").status, 303);
  const Answer cart = one.get("/cart");
  EXPECT_THAT(cart.body, HasSubstr("Jäne &lt;b&gt;"));
  EXPECT_THAT(cart.body, HasSubstr("$200.00"));
  EXPECT_EQ(one.post_form("/account/sign-out", "").status, 303);
  EXPECT_THAT(one.get("/cart").body, HasSubstr("It is empty"));
  for (const char* name : {"name=", "name=+++", "name=a%0Ab"}) {
    const Answer page = one.post_form("/account", name);
    EXPECT_EQ(page.status, 400) << name;
    EXPECT_THAT(page.body, HasSubstr("aria-invalid=\"true\" aria-describedby=\"account-error\"")) << name;
  }
}

TEST_F(Shop, SpeaksJson) {
  Browser one = browser();
  one.get("/api/currencies");
  EXPECT_THAT(one.get("/api/products?q=Linen&currency=USD").body,
              HasSubstr(R"("price":{"currency":"USD","amount":"100.00"})"));
  const Answer added =
      one.send_json("POST", "/api/cart/items", R"({"product_id":"APP-DRS-0001","size":"M","quantity":3})");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.body, "{\"count\":3}\n");
  EXPECT_EQ(one.send_json("PUT", "/api/cart/items", R"({"product_id":"APP-DRS-0001","size":"M","quantity":1})").body,
            "{\"count\":1}\n");
  EXPECT_THAT(one.get("/api/cart?country=DE").body, HasSubstr(R"("total":{"currency":"EUR","amount":"80.00"})"));
  EXPECT_THAT(one.get("/api/shipping?country=DE").body, HasSubstr(R"("amount":"4.90")"));
  const Answer wrong = one.send_json("POST", "/api/cart/items", R"({"product_id":"APP-DRS-0001","quantity":-2})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr(R"("field":"quantity")"));
  EXPECT_EQ(one.send_json("POST", "/api/cart/items", "{").status, 400);
  EXPECT_EQ(one.send_json("POST", "/api/cart/items", "{}", "Origin: https://evil.example\r\n").status, 403);
  const Answer order = one.send_json(
      "POST", "/api/checkout",
      R"({"key":"order-000001","currency":"USD","name":"J","email":"j@example.com","street":"S 1","city":"B","postal_code":"1",)"
      R"("country":"DE","card_number":"4242424242424242","card_expiry":"12/39","card_cvc":"123"})");
  EXPECT_EQ(order.status, 201);
  EXPECT_THAT(order.body, HasSubstr(R"("id":"o-1","state":"confirmed")"));
  EXPECT_THAT(one.get("/api/orders").body, HasSubstr("o-1"));
  EXPECT_THAT(one.get("/api/tracking/VC000000000017").body, HasSubstr("Berlin"));
  const Answer missing = one.get("/api/products/NOPE");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("content-type"), "application/json");
}

TEST_F(Shop, TakesWhatBrowsersReportWithinBounds) {
  Browser one = with_dress();
  const std::string report =
      R"({"page":"/product/APP-DRS-0001","ttfb_ms":12,"load_ms":250.5,"error":"x is \u003cb\u003e"})";
  EXPECT_EQ(one.send_json("POST", "/rum", report).status, 204);
  EXPECT_TRUE(host_->metric_arrives("frontend.browser.load_time:0.2505|d", "page:/product/*"));
  EXPECT_TRUE(host_->metric_arrives("frontend.browser.error.count:1|c"));
  EXPECT_TRUE(host_->log_arrives("a script failed in a browser"));
  int refused = 0;
  for (int i = 0; i < kReportsPerMinute + 5; ++i)
    refused += one.send_json("POST", "/rum", report).status == 429 ? 1 : 0;
  EXPECT_GE(refused, 5);
  // Who has no session has nothing to report.
  EXPECT_EQ(browser().send_json("POST", "/rum", report).status, 429);
  EXPECT_GE(host_->metric_value("frontend.session.active:"), 1);
}

TEST_F(Shop, MisbehavesWhenItIsToldTo) {
  ASSERT_TRUE(host_->context().faults().set("frontend.errors", 1, 60s));
  EXPECT_EQ(browser().get("/").status, 500);
  EXPECT_EQ(browser().get("/health").status, 200);
  ASSERT_TRUE(host_->context().faults().set("frontend.errors", 0, 60s));
  ASSERT_TRUE(host_->context().faults().set("frontend.session_errors", 1, 60s));
  EXPECT_EQ(browser().get("/").status, 403);
  EXPECT_TRUE(host_->metric_arrives("frontend.session.error.count:1|c", "kind:injected"));
}

TEST_F(Shop, ServesPicturesThatAreDocumentsOfTheirOwn) {
  Browser one = browser();
  const Answer picture = one.get("/pictures/APP-DRS-0001.svg");
  EXPECT_EQ(picture.header("content-type"), "image/svg+xml");
  EXPECT_THAT(picture.header("content-security-policy"), HasSubstr("sandbox"));
  EXPECT_EQ(picture.header("set-cookie"), "");
  EXPECT_EQ(one.get("/pictures/APP-DRS-0001.svg", "If-None-Match: \"v1\"\r\n").status, 304);
}

TEST_F(Shop, IsHonestAboutWhatIsNotThereYet) {
  for (const char* path : {"/chat", "/stylist", "/try-on"}) {
    EXPECT_THAT(browser().get(path).body, HasSubstr("does not work yet")) << path;
  }
}

}  // namespace
}  // namespace vcommerce::frontend
