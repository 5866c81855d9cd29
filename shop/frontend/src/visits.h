#pragma once

#include "http_message.h"
#include "seals.h"
#include "storefront.h"

#include <string>

// Cookies to visits and back. `session_id` names the session, `account` who signed in (sealed: nobody can become
// someone else by writing it), `currency` and `country` what they chose. Threads: any.
namespace vcommerce::frontend {

class Visits {
 public:
  Visits(std::string secret, bool secure) : seals_(std::move(secret)), secure_(secure) {}

  // Without a good session cookie a new session begins. API clients may name theirs in `x-session-id`.
  Visit read(const WebRequest& request) const;
  // The cookies of a session that began with this request.
  void greet(const Visit& visit, WebResponse& response) const;

  std::string csrf(const Visit& visit) const { return seals_.seal("csrf", visit.session_id); }
  bool csrf_holds(const Visit& visit, std::string_view token) const {
    return !visit.new_session && seals_.holds("csrf", visit.session_id, token);
  }

  // Signs in under a new user id when there is none yet, else changes the name. Requires: `name` is UTF-8 of 1–60
  // bytes.
  void sign_in(Visit& visit, const std::string& name, WebResponse& response) const;
  void sign_out(Visit& visit, WebResponse& response) const;
  void choose_currency(Visit& visit, const std::string& code, WebResponse& response) const;
  void choose_country(Visit& visit, const std::string& code, WebResponse& response) const;

 private:
  void set_cookie(WebResponse& response, std::string_view name, std::string_view value, long lasts_s) const;

  Seals seals_;
  bool secure_;
};

// A request of another site's making, as far as the browser says: its `Sec-Fetch-Site`, else its `Origin`.
bool is_cross_site(const WebRequest& request);

}  // namespace vcommerce::frontend
