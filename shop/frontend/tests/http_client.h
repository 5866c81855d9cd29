#pragma once

#include <string>
#include <vector>

// The least that can speak HTTP/1.1 to a server on loopback, and say wrong things to it on purpose.
namespace vcommerce::frontend::testing {

struct Answer {
  int status = 0;
  std::string head;  // with its status line
  std::string body;

  // Of the first header of that name, any case; empty: none.
  std::string header(const std::string& name) const;
  std::vector<std::string> headers(const std::string& name) const;
};

// Sends `bytes` over a new connection and reads until the end of the connection, or of the first answer.
Answer raw(const std::string& address, const std::string& bytes);
int connect_to(const std::string& address);
Answer read_answer(int socket, bool head_only = false);

// A browser with cookies and nothing else.
class Browser {
 public:
  explicit Browser(std::string address) : address_(std::move(address)) {}

  Answer get(const std::string& target, const std::string& more_headers = "");
  // Adds the token of the last page that had one.
  Answer post_form(const std::string& target, const std::string& fields, const std::string& more_headers = "");
  Answer send_json(const std::string& method, const std::string& target, const std::string& body,
                   const std::string& more_headers = "");

  const std::string& csrf() const { return csrf_; }
  std::string cookie(const std::string& name) const;
  void set_cookie(const std::string& name, const std::string& value);

 private:
  Answer send(const std::string& method, const std::string& target, const std::string& type, const std::string& body,
              const std::string& more_headers);

  std::string address_;
  std::string csrf_;
  std::vector<std::pair<std::string, std::string>> cookies_;
};

}  // namespace vcommerce::frontend::testing
