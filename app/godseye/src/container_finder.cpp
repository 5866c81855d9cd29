#include "container_finder.h"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace godseye::app {
namespace {

constexpr size_t kCgroupBytesMax = 16 * 1024;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t hex_run(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && is_hex(text[size])) ++size;
  return size;
}

bool is_uuid(std::string_view text) {
  if (text.size() < 36) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

// A container's name at the beginning of `text`; its length, 0 for none.
size_t name_at(std::string_view text) {
  const size_t run = hex_run(text);
  if (run == 64) return 64;
  if (run == 32 && text.size() > 33 && text[32] == '-' && is_digit(text[33])) {
    size_t size = 33;
    while (size < text.size() && is_digit(text[size])) ++size;
    return size;
  }
  return is_uuid(text) && (text.size() == 36 || !is_hex(text[36])) ? 36 : 0;
}

}  // namespace

std::string container_of_cgroup(std::string_view text) {
  std::string found;
  for (size_t i = 0; i < text.size(); ++i) {
    // Names begin where no other word goes on.
    if (i > 0 && (is_hex(text[i - 1]))) continue;
    if (const size_t size = name_at(text.substr(i)); size > 0) {
      found = std::string(text.substr(i, size));
      i += size - 1;
    }
  }
  return found;
}

std::string ContainerFinder::of_process(int64_t process) {
  if (process <= 0) return {};
  const base::TickTime now = clock_.tick();
  const base::MutexLock lock(mutex_);
  if (const auto known = processes_.find(process); known != processes_.end() && now - known->second.at < kProcessKept) {
    return known->second.container;
  }
  std::string text(kCgroupBytesMax, '\0');
  std::ifstream file(proc_ + "/" + std::to_string(process) + "/cgroup", std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (processes_.size() >= kProcessesMax) processes_.clear();
  return (processes_[process] = {.container = container_of_cgroup(text), .at = now}).container;
}

std::string ContainerFinder::of_inode(uint64_t inode) {
  const base::TickTime now = clock_.tick();
  const base::MutexLock lock(mutex_);
  const auto known = inodes_.find(inode);
  if (known != inodes_.end()) return known->second;
  if (walked_ && now - walked_at_ < kWalkEvery) return {};
  walked_ = true;
  walked_at_ = now;
  walk();
  const auto found = inodes_.find(inode);
  return found == inodes_.end() ? std::string() : found->second;
}

void ContainerFinder::walk() {
  inodes_.clear();
  std::error_code failed;
  constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
  size_t seen = 0;
  for (auto at = std::filesystem::recursive_directory_iterator(cgroups_, kOptions, failed);
       !failed && at != std::filesystem::recursive_directory_iterator() && seen < kCgroupsMax; at.increment(failed)) {
    if (!at->is_directory(failed)) continue;
    ++seen;
    if (at.depth() >= kDepthMax) at.disable_recursion_pending();
    const std::string container = container_of_cgroup(at->path().filename().native());
    struct stat facts{};
    if (!container.empty() && ::stat(at->path().c_str(), &facts) == 0) inodes_[facts.st_ino] = container;
  }
}

}  // namespace godseye::app
