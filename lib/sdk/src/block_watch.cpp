#include "block_watch.h"

#include <simdjson.h>

namespace godseye::sdk {
namespace {

std::string key_of(std::string_view kind, std::string_view value) {
  std::string key;
  key.reserve(kind.size() + value.size() + 1);
  key.append(kind).append(1, '\n').append(value);
  return key;
}

}  // namespace

bool BlockWatch::blocked(std::string_view kind, std::string_view value) const {
  base::MutexLock lock(mutex_);
  if (until_.empty()) return false;
  const auto found = until_.find(key_of(kind, value));
  return found != until_.end() && (found->second == 0 || found->second > base::unix_seconds(clock_.wall()));
}

BlockListStats BlockWatch::stats() const {
  base::MutexLock lock(mutex_);
  return {.version = version_, .blocks = until_.size(), .connected = connected_, .connects = connects_};
}

void BlockWatch::begin() {
  partial_.clear();
  event_.clear();
  data_.clear();
}

void BlockWatch::end() { connected_ = false; }

void BlockWatch::feed(std::string_view bytes) {
  if (!connected_.exchange(true)) ++connects_;
  while (!bytes.empty()) {
    const size_t newline = bytes.find('\n');
    if (newline == std::string_view::npos) {
      // Past the bound the event is lost, not the memory: the next snapshot mends it.
      if (partial_.size() + bytes.size() <= kEventBytesMax) partial_ += bytes;
      return;
    }
    partial_ += bytes.substr(0, newline);
    bytes.remove_prefix(newline + 1);
    if (partial_.ends_with('\r')) partial_.pop_back();
    line(partial_);
    partial_.clear();
  }
}

void BlockWatch::line(std::string_view text) {
  if (text.empty()) return dispatch();
  const auto value = [&](std::string_view field) {
    std::string_view rest = text.substr(field.size());
    return rest.starts_with(' ') ? rest.substr(1) : rest;
  };
  if (text.starts_with("event:")) event_ = value("event:");
  if (text.starts_with("data:")) {
    if (!data_.empty()) data_ += '\n';
    data_ += value("data:");
  }
}

void BlockWatch::dispatch() {
  if (!data_.empty()) apply(event_, data_);
  event_.clear();
  data_.clear();
}

void BlockWatch::apply(std::string_view event, std::string_view data) {
  if (event != "snapshot" && event != "change") return;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(data).get(document) != simdjson::SUCCESS) return;
  uint64_t version = 0;
  simdjson::dom::array blocks;
  if (document["version"].get(version) != simdjson::SUCCESS || document["blocks"].get(blocks) != simdjson::SUCCESS)
    return;
  base::MutexLock lock(mutex_);
  if (event == "snapshot") until_.clear();
  for (const simdjson::dom::element block : blocks) {
    std::string_view kind, value;
    if (block["kind"].get(kind) != simdjson::SUCCESS || block["value"].get(value) != simdjson::SUCCESS) continue;
    bool active = true;
    double expires = 0;
    if (block["active"].get(active) != simdjson::SUCCESS) active = true;
    if (block["expires"].get(expires) != simdjson::SUCCESS) expires = 0;
    if (!active) {
      until_.erase(key_of(kind, value));
    } else if (until_.size() < kBlocksMax) {
      until_[key_of(kind, value)] = static_cast<int64_t>(expires);
    }
  }
  version_ = version;
}

BlockList::BlockList(std::shared_ptr<BlockWatch> watch) : watch_(std::move(watch)) {}
bool BlockList::blocked(std::string_view kind, std::string_view value) const { return watch_->blocked(kind, value); }
BlockListStats BlockList::stats() const { return watch_->stats(); }

}  // namespace godseye::sdk
