#pragma once

#include <span>
#include <string_view>

#include <godseye/api/router.h>

// The web pages: files that are part of the program. A path without a file name extension is a page of the single-page
// application and gets index.html; an unknown file is 404. Files under /assets/ have their hash in their name and are
// cached for ever, the others are revalidated by ETag. Every answer forbids scripts from elsewhere, framing and
// sniffing. Without index.html (`ui/dist` was not built) `/` says so.
namespace godseye::api {

struct PageFile {
  std::string_view name;   // "index.html", "assets/index-abc123.js"
  std::string_view bytes;  // static storage
};

// Serve `files` (static storage) for every path that no other route takes.
void add_pages(Router& router, std::span<const PageFile> files);

}  // namespace godseye::api
