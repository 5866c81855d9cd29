// Heads and bodies of the streaming server and client. A body must mean the same however its bytes are cut, and what
// comes out of an accepted head must be safe to write into another one.
#include "http1.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/assert.h>

namespace {

using namespace godseye::net;  // NOLINT: one file, one subject

struct Read {
  bool good = true;
  bool done = false;
  size_t taken = 0;
  std::string payload;
};

Read read_body(BodyFraming framing, std::string_view bytes, size_t step, size_t payload_max) {
  BodyReader reader(framing, 64);
  Read out;
  while (out.taken < bytes.size() && !reader.done()) {
    const std::string_view part = bytes.substr(out.taken, step);
    size_t at = 0;
    while (at < part.size() && !reader.done()) {
      const size_t before = out.payload.size();
      const auto taken = reader.feed(part.substr(at), payload_max, out.payload);
      if (!taken) {
        out.good = false;
        return out;
      }
      GE_ASSERT(*taken > 0, "a reader that is not done takes something");
      GE_ASSERT(out.payload.size() - before <= payload_max, "no more payload than asked for");
      at += *taken;
    }
    out.taken += at;
  }
  out.done = reader.done();
  return out;
}

void try_body(uint8_t choice, std::string_view bytes) {
  BodyFraming framing{BodyFraming::Kind::kChunked, 0};
  if (choice % 4 == 1) framing = {BodyFraming::Kind::kLength, choice};
  if (choice % 4 == 2) framing = {BodyFraming::Kind::kUntilClose, 0};
  const Read whole = read_body(framing, bytes, bytes.size() + 1, ~size_t{0});
  for (const size_t step : {size_t{1}, size_t{3}}) {
    const Read cut = read_body(framing, bytes, step, step == 1 ? 1 : 2);
    GE_ASSERT(whole.good == cut.good && whole.done == cut.done, "cuts change nothing");
    GE_ASSERT(!whole.good || (whole.payload == cut.payload && whole.taken == cut.taken), "cuts change nothing");
  }
}

void check_fields(const Headers& headers) {
  for (const auto& [name, value] : headers) {
    GE_ASSERT(is_token(name) && is_field_value(value), "an accepted field can be written again");
  }
}

void try_head(std::string_view bytes) {
  size_t searched = 0;
  const auto end = find_head_end(bytes, searched);
  size_t again = 0;
  std::optional<size_t> dripped;
  for (size_t size = 1; size <= bytes.size() && !dripped; ++size) dripped = find_head_end(bytes.substr(0, size), again);
  GE_ASSERT(end.has_value() == dripped.has_value(), "a head that drips in ends as well");
  const std::string_view head = bytes.substr(0, end.value_or(bytes.size()));
  if (const auto request = parse_request_head(head, {.fields_max = 50})) {
    GE_ASSERT(is_token(request->method) && !request->target.empty(), "a request has a method and a target");
    GE_ASSERT(request->headers.size() <= 50, "the limit holds");
    check_fields(request->headers);
  }
  if (const auto answer = parse_answer_head(head, false, {.fields_max = 50})) {
    GE_ASSERT(answer->status >= 100 && answer->status <= 599, "a status is a status");
    check_fields(answer->headers);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    try_head(text);
  } else {
    try_body(data[0] / 2, text);
  }
  return 0;
}
