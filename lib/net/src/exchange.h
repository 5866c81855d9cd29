#pragma once

#include "server_core.h"

#include <cstdint>
#include <string>

#include <godseye/base/result.h>
#include <godseye/net/http_message.h>

// The part of a connection that needs no socket: judging a request's framing, calling the handler, rendering a head.
namespace godseye::net {

// Splits `request.target` into raw_path, path and query. kInvalidArgument: not origin-form, bad percent-encoding, a
// zero byte. "http://host/path" (absolute form) becomes "/path" in `target` too; its authority is ignored.
base::Status parse_target(HttpRequest& request);

// Refuses what two servers could frame differently: repeated or unequal Content-Length, Transfer-Encoding with
// Content-Length, other than exactly "chunked", or in HTTP/1.0; more than one Host.
base::Status check_framing(const Headers& headers, bool http_1_0);

// Undoes Content-Encoding, calls the handler (what it throws becomes 500), compresses the answer when the client asked
// for it. Runs on a worker. Counts into `core`.
HttpResponse run_handler(ServerCore& core, HttpRequest& request);

// Calls HttpResponse::pieces; what it throws counts as a failure.
bool ask_for_piece(ServerCore& core, const std::function<bool(std::string&)>& pieces, std::string& piece);

struct ResponseFraming {
  bool head = false;  // answer to HEAD: no body
  bool keep_alive = false;
  bool http_1_0 = false;
};

// Status line and header fields up to the empty line. Fields that would break the framing are left out and counted.
std::string render_head(ServerCore& core, const HttpResponse& response, ResponseFraming framing);

}  // namespace godseye::net
