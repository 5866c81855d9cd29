#pragma once

#include <span>

#include <godseye/api/pages.h>

namespace godseye::app {

// The files of ui/dist as they were when the program was built; empty when there was none.
std::span<const api::PageFile> embedded_pages();

}  // namespace godseye::app
