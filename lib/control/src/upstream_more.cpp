#include "upstream_link_impl.h"

#include <algorithm>

#include <godseye/base/log.h>

#include <sodium.h>

// What a gateway that runs alone has of its server besides blocks and settings: catalogues, keys of providers; and what
// it tells besides spans and decisions: lines of metrics.
namespace godseye::control {

namespace {

constexpr size_t kLinesPerBody = 1000;
constexpr size_t kLineBytesPerBody = 256u << 10;
constexpr int64_t kFreshSeconds = 60;  // older lines say when they were

std::string id_of_line() {
  std::array<unsigned char, 12> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string out(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

}  // namespace

void UpstreamLink::Impl::say_once(std::string& last, std::string_view what, const std::string& failure) const {
  if (failure == last) return;
  if (!failure.empty()) spdlog::warn("{}: {}", what, failure);
  last = failure;
}

void UpstreamLink::Impl::sync_catalogues() {
  if (!config_.put_catalogue) return;
  base::Result<net::HttpReply> reply = call(watch_client_, "GET", "catalogues", {}, kCallTimeout);
  Status done = exchanged(reply, "asking for catalogues");
  if (!done) return say_once(catalogue_failure_, "catalogues stay as they are", done.error().message());
  base::Result<std::vector<CatalogueVersion>> wanted = parse_catalogues(reply->body);
  if (!wanted) return say_once(catalogue_failure_, "catalogues stay as they are", wanted.error().message());
  std::string failure;
  for (const CatalogueVersion& one : *wanted) {
    if (std::find(catalogues_.begin(), catalogues_.end(), one) != catalogues_.end()) continue;
    if (Status taken = take_catalogue(one); !taken) {
      failure = one.name + ": " + taken.error().message();
      continue;
    }
    std::erase_if(catalogues_, [&](const CatalogueVersion& known) { return known.name == one.name; });
    catalogues_.push_back(one);
  }
  for (const std::string& name : config_.catalogue_names ? config_.catalogue_names() : std::vector<std::string>()) {
    const auto is_it = [&](const CatalogueVersion& one) { return one.name == name; };
    if (std::any_of(wanted->begin(), wanted->end(), is_it)) continue;
    std::erase_if(catalogues_, is_it);
    if (config_.remove_catalogue) config_.remove_catalogue(name);
  }
  catalogues_now_ = wanted->size();
  say_once(catalogue_failure_, "a catalogue stays as it is", failure);
}

Status UpstreamLink::Impl::take_catalogue(const CatalogueVersion& wanted) {
  // The name has no character that would need an escape; the server refuses others.
  base::Result<net::HttpReply> reply =
      call(watch_client_, "GET", "catalogues/" + wanted.name + "/products", {}, kCallTimeout);
  if (Status done = exchanged(reply, "asking for a catalogue"); !done) return done;
  return config_.put_catalogue(wanted.name, reply->body);
}

void UpstreamLink::Impl::sync_provider_keys() {
  const std::string body = "{\"public_key\":\"" + pair_.public_key() + "\"}";
  base::Result<net::HttpReply> reply = call(watch_client_, "POST", "gateway/provider-keys", body, kCallTimeout);
  if (!reply || reply->status >= 500) return;  // it says so elsewhere; what is known goes on
  std::map<std::string, registry::ProviderKeyText, std::less<>> fresh;
  std::string failure;
  if (reply->status == 403 || reply->status == 404) {
    // 404 is a server of an earlier version.
    if (reply->status == 403) failure = "the server hands out none: " + base::quoted(reply->body, 200);
  } else if (base::Result<std::vector<SealedKey>> keys = parse_sealed_keys(reply->body);
             reply->status != 200 || !keys) {
    return say_once(key_failure_, "keys of providers stay as they are",
                    keys ? "status " + std::to_string(reply->status) : keys.error().message());
  } else {
    for (SealedKey& key : *keys) {
      base::Result<std::string> text = pair_.open(key.sealed);
      if (!text) {
        failure = key.provider + ": " + text.error().message();
        continue;
      }
      registry::ProviderKeyText opened;
      opened.row.provider = key.provider;
      opened.row.name = std::move(key.name);
      opened.row.expires_s = key.expires_s;
      opened.text = *std::move(text);
      fresh.insert_or_assign(std::move(key.provider), std::move(opened));
    }
  }
  say_once(key_failure_, "keys of providers", failure);
  const base::MutexLock lock(keys_mutex_);
  keys_.swap(fresh);
}

std::optional<registry::ProviderKeyText> UpstreamLink::Impl::provider_key(std::string_view provider) const {
  const base::MutexLock lock(keys_mutex_);
  const auto found = keys_.find(provider);
  if (found == keys_.end()) return std::nullopt;
  const int64_t expires_s = found->second.row.expires_s;
  if (expires_s != 0 && expires_s <= base::unix_seconds(clock_.wall())) return std::nullopt;
  return found->second;
}

// Kept as "<id> <Unix seconds> <line>".
void UpstreamLink::Impl::deliver_metrics(std::string_view lines) {
  const std::string now = std::to_string(base::unix_seconds(clock_.wall()));
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.empty()) continue;
    std::string kept = id_of_line() + " " + now + " ";
    if (Status appended = metrics_->append(kept.append(line)); !appended) ++metrics_lost_;
  }
}

Status UpstreamLink::Impl::send_metrics() {
  for (;;) {
    base::Result<std::vector<std::string>> lines = metrics_->next(kLinesPerBody, kLineBytesPerBody);
    if (!lines) return std::move(lines).error();
    if (lines->empty()) return base::ok();
    const int64_t now_s = base::unix_seconds(clock_.wall());
    std::string body;
    size_t told = 0;
    for (const std::string& line : *lines) {
      const size_t id = line.find(' ');
      const size_t time = id == std::string::npos ? id : line.find(' ', id + 1);
      // Cut off by a crash.
      if (time == std::string::npos) continue;
      ++told;
      body.append(line, 0, id).append(" ").append(line, time + 1);
      const std::string when = line.substr(id + 1, time - id - 1);
      if (std::strtoll(when.c_str(), nullptr, 10) + kFreshSeconds < now_s) body.append("|T").append(when);
      body += '\n';
    }
    base::Result<net::HttpReply> reply = call(send_client_, "POST", "gateway/metrics", body, kCallTimeout);
    // A server of an earlier version takes none: keeping them would not help.
    const bool takes_none = reply && reply->status == 404;
    Status done = takes_none ? Status(Error(ErrorCode::kInvalidArgument, "this server takes none"))
                             : exchanged(reply, "sending metrics");
    if (!done && done.error().code() != ErrorCode::kInvalidArgument) return done;
    (done ? metrics_sent_ : metrics_lost_) += told;
    if (!done) spdlog::error("{} lines of metrics are lost: {}", told, done.error().message());
    if (Status emptied = metrics_->sent(*lines); !emptied) return emptied;
  }
}

}  // namespace godseye::control
