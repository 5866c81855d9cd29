#include "reply_parser.h"

#include <optional>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace godseye::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;
using base::Error;
using base::ErrorCode;

constexpr uint32_t kHeaderBytesMax = 64 * 1024;

}  // namespace

struct ReplyParser::Impl {
  bool head;
  size_t reply_bytes_max;
  std::optional<Parser> parser;

  void renew() {
    parser.emplace();
    parser->header_limit(kHeaderBytesMax);
    parser->body_limit(reply_bytes_max);
    parser->eager(true);
    parser->skip(head);
  }

  Error failed(const boost::system::error_code& ec) const {
    if (ec == http::error::body_limit) {
      return {ErrorCode::kTooLarge, "the reply is larger than " + std::to_string(reply_bytes_max) + " bytes"};
    }
    if (ec == http::error::header_limit) return {ErrorCode::kTooLarge, "the reply's header is too large"};
    if (ec == http::error::partial_message || ec == http::error::end_of_stream) {
      return {ErrorCode::kUnavailable, "the connection was closed before the end of the reply"};
    }
    return {ErrorCode::kCorrupt, "the reply is not HTTP: " + ec.message()};
  }
};

ReplyParser::ReplyParser(bool head, size_t reply_bytes_max) : impl_(std::make_unique<Impl>()) {
  impl_->head = head;
  impl_->reply_bytes_max = reply_bytes_max;
  impl_->renew();
}

ReplyParser::~ReplyParser() = default;

base::Result<size_t> ReplyParser::feed(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && !impl_->parser->is_done()) {
    boost::system::error_code ec;
    const size_t used = impl_->parser->put(boost::asio::const_buffer(bytes.data() + taken, bytes.size() - taken), ec);
    taken += used;
    if (ec == http::error::need_more) break;
    if (ec) return impl_->failed(ec);
    if (impl_->parser->is_done() && impl_->parser->get().result_int() / 100 == 1) impl_->renew();
    if (used == 0) break;
  }
  return taken;
}

base::Status ReplyParser::end() {
  boost::system::error_code ec;
  if (!impl_->parser->got_some()) return impl_->failed(http::error::end_of_stream);
  impl_->parser->put_eof(ec);
  if (ec) return impl_->failed(ec);
  return base::ok();
}

bool ReplyParser::done() const { return impl_->parser->is_done(); }

bool ReplyParser::keep_alive() const { return impl_->parser->keep_alive(); }

HttpReply ReplyParser::take() {
  auto& message = impl_->parser->get();
  HttpReply reply;
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    reply.headers.add(std::string(field.name_string().data(), field.name_string().size()),
                      std::string(field.value().data(), field.value().size()));
  }
  reply.body = std::move(message.body());
  return reply;
}

}  // namespace godseye::net
