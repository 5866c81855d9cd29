#include "insert_statement.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto insert = godseye::engine::split_insert(text);
  if (insert && (insert->data_begin > size || !text.starts_with(insert->head))) std::abort();
  return 0;
}
