#pragma once

#include <cstdint>
#include <vector>

#include <godseye/store/engine.h>
#include <godseye/store/journal.h>

// The blocks of a segment's events and service checks: one per (table, day), as in blocks.h. Pure.
namespace godseye::store {

struct EventBlocks {
  std::vector<InsertBlock> blocks;  // without tokens
  std::vector<uint16_t> days;       // of each block
  uint64_t events = 0;
  uint64_t checks = 0;
};

// Times outside of 1970 to 2106 are moved to the nearest day; the intakes bound them far closer.
EventBlocks build_event_blocks(uint64_t segment, const SegmentContents& contents);

}  // namespace godseye::store
