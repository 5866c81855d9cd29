#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <godseye/base/file.h>
#include <godseye/base/log.h>
#include <godseye/guard/products.h>
#include <godseye/pipeline/catalogues.h>

#include <boost/json.hpp>
#include <unistd.h>

namespace godseye::pipeline {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using guard::Product;

namespace {

constexpr std::string_view kSuffix = ".ndjson";
constexpr size_t kDepthMax = 8;

Error wrong(std::string what) { return {ErrorCode::kInvalidArgument, std::move(what)}; }

bool name_fits(std::string_view name) {
  return !name.empty() && name.size() <= kCatalogueNameBytesMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

Status take_text(const json::object& row, std::string_view field, std::string& into) {
  const json::value* value = row.if_contains(field);
  if (value == nullptr || value->is_null()) return base::ok();
  if (!value->is_string()) return wrong(std::string(field) + ": expected a text");
  into = json::value_to<std::string>(*value);
  return base::ok();
}

Result<std::optional<double>> number_of(const json::object& row, std::string_view field) {
  const json::value* value = row.if_contains(field);
  if (value == nullptr || value->is_null()) return std::optional<double>();
  if (!value->is_number()) return wrong(std::string(field) + ": expected a number");
  return std::optional<double>(value->to_number<double>());
}

struct Row {
  Product product;
  bool removed = false;
};

Result<Row> parse_row(std::string_view line) {
  boost::system::error_code code;
  json::parse_options options;
  options.max_depth = kDepthMax;
  const json::value value = json::parse(json::string_view(line.data(), line.size()), code, {}, options);
  if (code) return wrong("not JSON: " + code.message());
  const json::object* object = value.if_object();
  if (object == nullptr) return wrong("expected an object with id and name");
  Row row;
  for (const auto& [field, into] : {std::pair<std::string_view, std::string*>{"id", &row.product.id},
                                    {"name", &row.product.name},
                                    {"brand", &row.product.brand},
                                    {"currency", &row.product.currency}}) {
    if (Status taken = take_text(*object, field, *into); !taken) return std::move(taken).error();
  }
  if (row.product.id.empty()) return wrong("id: expected the product's id");
  const json::value* removed = object->if_contains("removed");
  row.removed = removed != nullptr && removed->is_bool() && removed->as_bool();
  Result<std::optional<double>> price = number_of(*object, "price");
  if (!price) return std::move(price).error();
  row.product.price = *price;
  Result<std::optional<double>> stock = number_of(*object, "stock");
  if (!stock) return std::move(stock).error();
  if (*stock) row.product.stock = static_cast<int64_t>(std::clamp(std::floor(**stock), -1e15, 1e15));
  const json::value* attributes = object->if_contains("attributes");
  if (attributes != nullptr && attributes->is_object()) {
    for (const auto& [name, text] : attributes->as_object()) {
      row.product.attributes.emplace_back(name,
                                          text.is_string() ? json::value_to<std::string>(text) : json::serialize(text));
    }
  }
  return row;
}

std::string line_of(const Product& product) {
  json::object row{{"id", product.id}, {"name", product.name}};
  if (!product.brand.empty()) row["brand"] = product.brand;
  if (product.price) row["price"] = *product.price;
  if (!product.currency.empty()) row["currency"] = product.currency;
  if (product.stock) row["stock"] = *product.stock;
  if (!product.attributes.empty()) {
    json::object attributes;
    for (const auto& [name, text] : product.attributes) attributes[name] = text;
    row["attributes"] = std::move(attributes);
  }
  return json::serialize(row);
}

template <typename Products>
Status apply_lines(std::string_view lines, bool part, Products& products) {
  for (size_t number = 1; !lines.empty(); ++number) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    Result<Row> row = parse_row(line);
    if (!row) return std::move(row).error().within("line " + std::to_string(number));
    std::string id = row->product.id;
    if (row->removed && part) {
      products.erase(id);
    } else if (!row->removed) {
      products.insert_or_assign(std::move(id), std::move(row->product));
    }
    if (products.size() > kCatalogueProductsMax) {
      return Error(ErrorCode::kTooLarge,
                   "a catalogue has at most " + std::to_string(kCatalogueProductsMax) + " products");
    }
  }
  return base::ok();
}

template <typename Products>
Result<std::shared_ptr<const guard::Catalogue>> built(const Products& products) {
  std::vector<Product> rows;
  rows.reserve(products.size());
  for (const auto& [id, product] : products) rows.push_back(product);
  return guard::Catalogue::build(std::move(rows));
}

}  // namespace

CatalogueBook::CatalogueBook(std::string directory, base::Clock clock)
    : directory_(std::move(directory)), clock_(std::move(clock)) {
  if (!directory_.empty()) read_kept();
}

CatalogueBook::~CatalogueBook() = default;

std::string CatalogueBook::path_of(std::string_view name) const {
  return directory_ + "/" + std::string(name) + std::string(kSuffix);
}

// The first line of a file says which version it is; the products follow.
void CatalogueBook::read_kept() {
  std::error_code failure;
  for (const auto& file : std::filesystem::directory_iterator(directory_, failure)) {
    const std::string name = file.path().stem().string();
    if (file.path().extension() != kSuffix || !name_fits(name)) continue;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const std::string content = text.str();
    const size_t end = std::min(content.find('\n'), content.size());
    boost::system::error_code code;
    const json::value head = json::parse(json::string_view(content.data(), end), code);
    Products products;
    Status read = wrong("the first line is damaged");
    if (!code && head.is_object() && head.as_object().contains("version") && head.as_object().contains("updated_s")) {
      read = apply_lines(std::string_view(content).substr(std::min(end + 1, content.size())), false, products);
    }
    Result<std::shared_ptr<const guard::Catalogue>> catalogue =
        read ? built(products) : Result<std::shared_ptr<const guard::Catalogue>>(read.error());
    if (!catalogue) {
      spdlog::warn("catalogue {} is left out: {}: {}", name, file.path().string(), catalogue.error().message());
      continue;
    }
    const CatalogueInfo info{.name = name,
                             .products = products.size(),
                             .version = head.at("version").to_number<uint64_t>(code),
                             .updated_s = head.at("updated_s").to_number<int64_t>(code)};
    const base::MutexLock lock(mutex_);
    entries_[name] = {info, std::make_shared<const Products>(std::move(products)), *std::move(catalogue)};
  }
}

Status CatalogueBook::keep(const CatalogueInfo& info, const Products& products) const {
  if (directory_.empty()) return base::ok();
  std::error_code failure;
  std::filesystem::create_directories(directory_, failure);
  std::string content = json::serialize(json::object{{"version", info.version}, {"updated_s", info.updated_s}}) + "\n";
  for (const auto& [id, product] : products) content += line_of(product) + "\n";
  return base::replace_file(path_of(info.name), content);
}

Result<CatalogueInfo> CatalogueBook::put(std::string_view name, std::string_view lines, bool part) {
  if (!name_fits(name)) {
    return wrong("the name of a catalogue: expected 1 to " + std::to_string(kCatalogueNameBytesMax) +
                 " letters, digits, '-', '_' or '.'");
  }
  const base::MutexLock one_change(changing_);
  CatalogueInfo info{.name = std::string(name)};
  std::shared_ptr<const Products> before;  // copied without the lock: lookups of running spans wait for it
  {
    const base::MutexLock lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end() && entries_.size() >= kCataloguesMax) {
      return Error(ErrorCode::kTooLarge, "at most " + std::to_string(kCataloguesMax) + " catalogues: remove one");
    }
    if (found != entries_.end()) {
      info.version = found->second.info.version;
      if (part) before = found->second.products;
    }
  }
  Products products;
  if (before) products = *before;
  if (Status applied = apply_lines(lines, part, products); !applied) return std::move(applied).error();
  Result<std::shared_ptr<const guard::Catalogue>> catalogue = built(products);
  if (!catalogue) return std::move(catalogue).error();
  info.products = products.size();
  info.version += 1;
  info.updated_s = base::unix_seconds(clock_.wall());
  if (Status kept = keep(info, products); !kept) return std::move(kept).error();
  const base::MutexLock lock(mutex_);
  entries_[info.name] = {info, std::make_shared<const Products>(std::move(products)), *std::move(catalogue)};
  return info;
}

Status CatalogueBook::remove(std::string_view name) {
  const base::MutexLock one_change(changing_);
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return Error(ErrorCode::kNotFound, "there is no catalogue " + std::string(name));
  if (!directory_.empty() && ::unlink(path_of(name).c_str()) != 0 && errno != ENOENT) {
    return base::errno_error(path_of(name), errno);
  }
  entries_.erase(found);
  return base::ok();
}

std::vector<CatalogueInfo> CatalogueBook::list() const {
  const base::MutexLock lock(mutex_);
  std::vector<CatalogueInfo> out;
  for (const auto& [name, entry] : entries_) out.push_back(entry.info);
  return out;
}

Result<CatalogueInfo> CatalogueBook::info(std::string_view name) const {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return Error(ErrorCode::kNotFound, "there is no catalogue " + std::string(name));
  return found->second.info;
}

Result<std::string> CatalogueBook::lines(std::string_view name) const {
  std::shared_ptr<const Products> products;
  {
    const base::MutexLock lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end()) return Error(ErrorCode::kNotFound, "there is no catalogue " + std::string(name));
    products = found->second.products;
  }
  std::string out;
  for (const auto& [id, product] : *products) out += line_of(product) + "\n";
  return out;
}

std::shared_ptr<const guard::Catalogue> CatalogueBook::find(std::string_view name) const {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : found->second.catalogue;
}

std::shared_ptr<const guard::Catalogue> CatalogueBook::for_application(std::string_view ml_app,
                                                                       std::string_view service) const {
  const base::MutexLock lock(mutex_);
  for (const std::string_view name : {ml_app, service, std::string_view("default")}) {
    const auto found = name.empty() ? entries_.end() : entries_.find(name);
    if (found != entries_.end()) return found->second.catalogue;
  }
  return entries_.size() == 1 ? entries_.begin()->second.catalogue : nullptr;
}

}  // namespace godseye::pipeline
