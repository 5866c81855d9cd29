#pragma once

#include <string>

#include <godseye/base/result.h>

namespace godseye::store {

// One file under a second name: a hard link, or a copy where there can be none (another file system). kNotFound when it
// is not there (any more). Errors name the file.
base::Status link_file(const std::string& from, const std::string& to);
// The same for a directory and all in it; `to` must not exist.
base::Status link_tree(const std::string& from, const std::string& to);
// A directory under a new name, across file systems too.
base::Status move_tree(const std::string& from, const std::string& to);

}  // namespace godseye::store
