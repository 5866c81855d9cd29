#include <cstdlib>
#include <string>
#include <string_view>

#include <godseye/msgpack/json.h>
#include <godseye/msgpack/reader.h>

// skip() and append_json() must agree on where the value ends, and the JSON be bounded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::msgpack;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Reader reader(bytes);
  const bool skipped = reader.skip();
  std::string json = "x";
  const auto taken = append_json(bytes, json);
  if (taken && (!skipped || *taken != reader.position())) std::abort();
  if (!taken && json != "x") std::abort();
  if (json.size() > 1 + 24 * size) std::abort();
  return 0;
}
