#include <algorithm>
#include <charconv>

#include <godseye/pipeline/origin.h>

namespace godseye::pipeline {
namespace {

bool is_plain(std::string_view value) {
  return !value.empty() && value.size() <= kOriginBytesMax && std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

// Calls `visit` with each item of a comma list.
template <typename Visit>
void each_item(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    if (!item.empty()) visit(item);
  }
}

// The value behind one of our own tags, which say where a sample came from and are never stored.
std::string_view internal_tag(std::string_view tags, std::string_view key) {
  std::string_view found;
  each_item(tags, [&](std::string_view tag) {
    if (tag.starts_with(key)) found = tag.substr(key.size());
  });
  return found;
}

struct LocalData {
  std::string_view container;
  uint64_t inode = 0;
};

// `ci-<id>`, `in-<inode>`, or the older `cid-<id>` and a bare id.
LocalData read_local(std::string_view text) {
  LocalData out;
  each_item(text, [&](std::string_view item) {
    if (item.starts_with("in-")) {
      std::from_chars(item.data() + 3, item.data() + item.size(), out.inode);
      if (out.inode <= 2) out.inode = 0;  // not the inode of any container's cgroup
    } else if (item.starts_with("ci-")) {
      out.container = item.substr(3);
    } else if (item.starts_with("cid-")) {
      out.container = item.substr(4);
    } else {
      out.container = item;
    }
  });
  return out;
}

}  // namespace

std::optional<TagCardinality> tag_cardinality(std::string_view name) {
  if (name == "none") return TagCardinality::kNone;
  if (name == "low") return TagCardinality::kLow;
  if (name == "orchestrator") return TagCardinality::kOrchestrator;
  if (name == "high") return TagCardinality::kHigh;
  return std::nullopt;
}

std::string_view OriginTags::add(std::string_view tags, const dogstatsd::Origin& origin, std::string_view sender) {
  if (!config_.enabled) return tags;
  const bool internal = tags.find("dd.internal.") != std::string_view::npos;
  TagCardinality cardinality = config_.cardinality;
  if (internal) cardinality = tag_cardinality(internal_tag(tags, "dd.internal.card:")).value_or(cardinality);
  cardinality = tag_cardinality(origin.cardinality).value_or(cardinality);
  if (cardinality == TagCardinality::kNone) return tags;

  buffer_.assign(tags);
  const auto put = [&](std::string_view key, std::string_view value) {
    if (!is_plain(value)) return;
    if (!buffer_.empty()) buffer_ += ',';
    buffer_.append(key).append(value);
  };
  std::string_view pod = internal ? internal_tag(tags, "dd.internal.entity_id:") : std::string_view();
  if (pod == "none") pod = {};
  each_item(origin.external_data, [&](std::string_view item) {
    if (item.starts_with("cn-")) put("kube_container_name:", item.substr(3));
    if (item.starts_with("pu-") && pod.empty()) pod = item.substr(3);
  });
  if (cardinality >= TagCardinality::kOrchestrator) put("pod_uid:", pod);
  if (cardinality == TagCardinality::kHigh) {
    const LocalData local = read_local(origin.local_data);
    if (is_plain(local.container)) {
      put("container_id:", local.container);
    } else if (local.inode != 0 && config_.container_of_inode) {
      put("container_id:", container_ = config_.container_of_inode(local.inode));
    } else {
      put("container_id:", sender);
    }
  }
  return buffer_;
}

}  // namespace godseye::pipeline
