#pragma once

#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// A mail as bytes (RFC 5322, 2045, 2047): text and HTML of the same content. Pure. Whatever a name or a subject holds,
// it cannot begin a header, another recipient or a part: headers are put together from checked or encoded pieces,
// bodies are quoted-printable, and the boundary cannot occur in them. Output is 7-bit with CRLF, lines of at most 78
// characters (addresses, which cannot be folded, up to 254).
namespace vcommerce::email {

// An address as this service takes it: ASCII, `local@domain`, 254 bytes; no quoted locals, no comments, no addresses in
// brackets. kInvalidArgument names `field`.
base::Status check_address(std::string_view address, std::string_view field);

struct Mailbox {
  std::string name;     // UTF-8, may be empty
  std::string address;  // passed check_address
};

struct Mail {
  Mailbox from;
  Mailbox to;
  std::string subject;  // UTF-8
  std::string text;     // UTF-8, lines end in LF
  std::string html;
  std::string id;  // of the Message-ID, before the @: checked ids only
};

std::string render(const Mail& mail, base::WallTime now);

// Pieces of it, for tests: a header's text as encoded words where it has to be, folded; quoted-printable with CRLF.
std::string encoded_text(std::string_view utf8);
std::string quoted_printable(std::string_view text);
// "Mon, 05 Jan 2026 12:00:00 +0000"
std::string date_header(base::WallTime time);

}  // namespace vcommerce::email
