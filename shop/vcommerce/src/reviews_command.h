#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <vcommerce/runtime/names.h>

// `vcommerce reviews`: what customers of a shop wrote, for its operator, straight from the frontend's file: who may
// write that file may remove what is in it, so there is no key and nothing to reach over the network. The frontend may
// be running.
namespace vcommerce {

struct ReviewsCommand {
  std::string data_dir;
  std::string what;              // "list", "remove", "release"
  std::vector<std::string> ids;  // of the last two
  std::string product;           // list: of one product; empty: of all
  bool held = false;             // list: those that wait alone
  int64_t max = 100;             // list
  bool json = false;
};

// The exit code: 0, or 1 with a line on standard error for each thing that failed.
int run_reviews_command(const ReviewsCommand& command);

}  // namespace vcommerce
