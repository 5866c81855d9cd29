#include "visits.h"

#include "countries.h"
#include "web_text.h"

#include <algorithm>

namespace vcommerce::frontend {
namespace {

constexpr long kCookieSeconds = 30L * 86'400;
constexpr size_t kNameBytesMax = 60;

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "u-0123…:Jane%20Doe:seal": the name is encoded, so there are two colons.
struct Account {
  std::string user_id;
  std::string name;
};

std::optional<Account> account_of(std::string_view text, const Seals& seals) {
  const size_t first = text.find(':');
  const size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  if (!seals.holds("account", text.substr(0, last), text.substr(last + 1))) return std::nullopt;
  auto name = Fields::parse("name=" + std::string(text.substr(first + 1, last - first - 1)));
  if (!name) return std::nullopt;
  return Account{.user_id = std::string(text.substr(0, first)), .name = std::string(name->get("name"))};
}

}  // namespace

Visit Visits::read(const WebRequest& request) const {
  Visit visit;
  visit.remote_address = request.remote_address;
  const std::string_view cookies = request.header("cookie").value_or("");
  auto session = cookie(cookies, "session_id");
  if (!session) session = request.header("x-session-id");
  if (session && is_token(*session)) {
    visit.session_id = *session;
  } else {
    visit.session_id = Seals::random();
    visit.new_session = true;
  }
  if (const auto text = cookie(cookies, "account")) {
    if (auto account = account_of(*text, seals_)) {
      visit.user_id = std::move(account->user_id);
      visit.name = std::move(account->name);
    }
  }
  if (const auto code = cookie(cookies, "currency"); code && is_currency(*code)) visit.currency = *code;
  if (const auto code = cookie(cookies, "country"); code && is_country(*code)) visit.country = *code;
  return visit;
}

void Visits::set_cookie(WebResponse& response, std::string_view name, std::string_view value, long lasts_s) const {
  response.set("Set-Cookie", std::string(name) + "=" + std::string(value) +
                                 "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lasts_s) +
                                 (secure_ ? "; Secure" : ""));
}

void Visits::greet(const Visit& visit, WebResponse& response) const {
  if (visit.new_session) set_cookie(response, "session_id", visit.session_id, kCookieSeconds);
}

void Visits::sign_in(Visit& visit, const std::string& name, WebResponse& response) const {
  if (visit.user_id.empty()) visit.user_id = "u-" + Seals::random().substr(0, 16);
  visit.name = name.substr(0, kNameBytesMax);
  const std::string text = visit.user_id + ":" + encoded(visit.name);
  set_cookie(response, "account", text + ":" + seals_.seal("account", text), kCookieSeconds);
}

void Visits::sign_out(Visit& visit, WebResponse& response) const {
  visit.user_id.clear();
  visit.name.clear();
  set_cookie(response, "account", "", 0);
}

void Visits::choose_currency(Visit& visit, const std::string& code, WebResponse& response) const {
  visit.currency = code;
  set_cookie(response, "currency", code, kCookieSeconds);
}

void Visits::choose_country(Visit& visit, const std::string& code, WebResponse& response) const {
  visit.country = code;
  set_cookie(response, "country", code, kCookieSeconds);
}

bool is_cross_site(const WebRequest& request) {
  if (const auto site = request.header("sec-fetch-site")) return *site != "same-origin" && *site != "none";
  const auto origin = request.header("origin");
  if (!origin) return false;
  const size_t scheme = origin->find("://");
  return scheme == std::string_view::npos || origin->substr(scheme + 3) != request.header("host").value_or("");
}

}  // namespace vcommerce::frontend
