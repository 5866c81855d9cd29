#include "copy.h"

#include <filesystem>
#include <system_error>

namespace godseye::store {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

Status status_of(const std::error_code& failure, const std::string& what) {
  if (!failure) return base::ok();
  if (failure == std::errc::no_such_file_or_directory) return Error(ErrorCode::kNotFound, what + " is not there");
  return base::errno_error(what, failure.value());
}

}  // namespace

Status link_file(const std::string& from, const std::string& to) {
  std::error_code failure;
  fs::create_hard_link(from, to, failure);
  if (!failure) return base::ok();
  fs::copy_file(from, to, failure);
  return status_of(failure, from);
}

Status link_tree(const std::string& from, const std::string& to) {
  std::error_code failure;
  fs::create_directories(to, failure);
  if (failure) return status_of(failure, to);
  for (auto at = fs::recursive_directory_iterator(from, failure); !failure && at != fs::recursive_directory_iterator();
       at.increment(failure)) {
    const std::string target = to + at->path().string().substr(from.size());
    std::error_code made;
    if (at->is_directory(failure)) {
      fs::create_directories(target, made);
      if (made) return status_of(made, target);
    } else if (Status linked = link_file(at->path().string(), target); !linked) {
      return linked;
    }
  }
  return status_of(failure, from);
}

Status move_tree(const std::string& from, const std::string& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  if (!failure) return base::ok();
  if (Status linked = link_tree(from, to); !linked) return linked;
  fs::remove_all(from, failure);
  return status_of(failure, from);
}

}  // namespace godseye::store
