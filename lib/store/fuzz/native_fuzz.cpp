#include "native.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto rows = godseye::store::decode_native({reinterpret_cast<const char*>(data), size});
  if (!rows) return 0;
  for (size_t i = 0; i < rows->column_count(); ++i) {
    const godseye::store::Column& column = rows->column(i);
    if (column.type() == "String") {
      for (size_t row = 0; row < column.size(); ++row) (void)column.text(row).size();
    }
  }
  return 0;
}
