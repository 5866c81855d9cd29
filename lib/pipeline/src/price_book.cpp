#include <godseye/pipeline/prices.h>

// The list that ships: datadog/prices.json, as it is.
__asm__(
    ".section .rodata\n"
    ".balign 64\n"
    ".global godseye_asset_prices\n"
    "godseye_asset_prices:\n"
    ".incbin \"" GE_ASSET_PRICES
    "\"\n"
    ".global godseye_asset_prices_end\n"
    "godseye_asset_prices_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char godseye_asset_prices[];
extern "C" const char godseye_asset_prices_end[];

namespace godseye::pipeline {

using base::Result;
using base::Status;

Result<std::unique_ptr<PriceBook>> PriceBook::shipped() {
  Result<std::shared_ptr<const PriceTable>> table =
      PriceTable::parse({godseye_asset_prices, static_cast<size_t>(godseye_asset_prices_end - godseye_asset_prices)});
  if (!table) return std::move(table).error().within("shipped");
  return std::make_unique<PriceBook>(*std::move(table));
}

PriceBook::PriceBook(std::shared_ptr<const PriceTable> base) : base_(std::move(base)), now_(base_) {}

std::shared_ptr<const PriceTable> PriceBook::now() const {
  base::MutexLock lock(mutex_);
  return now_;
}

Status PriceBook::set_file(std::string_view json) {
  Result<std::shared_ptr<const PriceTable>> table = PriceTable::parse(json);
  if (!table) return std::move(table).error();
  base::MutexLock lock(mutex_);
  file_ = *std::move(table);
  rebuild();
  return base::ok();
}

Status PriceBook::set_override(std::string_view json) {
  std::shared_ptr<const PriceTable> over;
  if (!json.empty()) {
    Result<std::shared_ptr<const PriceTable>> table = PriceTable::parse(json);
    if (!table) return std::move(table).error();
    over = *std::move(table);
  }
  base::MutexLock lock(mutex_);
  override_ = std::move(over);
  rebuild();
  return base::ok();
}

std::string PriceBook::override_json() const {
  base::MutexLock lock(mutex_);
  return override_ ? override_->json() : R"({"format":1,"models":[]})";
}

void PriceBook::rebuild() {
  now_ = base_;
  if (file_) now_ = now_->with(*file_);
  if (override_) now_ = now_->with(*override_);
}

}  // namespace godseye::pipeline
