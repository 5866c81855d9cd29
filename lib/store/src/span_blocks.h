#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <godseye/base/hash.h>
#include <godseye/store/engine.h>
#include <godseye/store/journal.h>

// The blocks of a segment's spans, LLM spans, large texts and evaluations: one per (table, day), as in blocks.h. Pure
// but for the cache of texts.
namespace godseye::store {

// A text longer than this goes to `texts`, once a day; its row keeps the first kTextPrefixBytes and the hash.
inline constexpr size_t kTextInlineMax = 64u << 10;
inline constexpr size_t kTextPrefixBytes = 4096;
// Days that spans of one segment may lie in; those of the least used days beyond are moved to the nearest other.
inline constexpr size_t kDaysPerSegmentMax = 32;

// A block of spans, LLM spans or texts holds about so many bytes; more of a day become further parts, each with the
// token and the number of a segment of its own (part_name), so that the engine's memory for one insert is bounded.
inline constexpr size_t kBlockBytesMax = 32u << 20;

// 128 bits of XXH3 (two seeds); on disk.
using TextHash = std::array<char, 16>;
TextHash text_hash(std::string_view text);

// Which large texts are stored for which day. A bounded cache: forgetting only costs a repeated row, which the table
// folds. Not thread-safe.
class TextRegister {
 public:
  static constexpr size_t kEntriesMax = 200'000;

  bool known(const TextHash& hash, uint16_t day) const { return entries_.contains(key(hash, day)); }
  void add(const TextHash& hash, uint16_t day) {
    if (entries_.size() >= kEntriesMax) entries_.clear();
    entries_.insert(key(hash, day));
  }
  // After texts were erased.
  void clear() { entries_.clear(); }

 private:
  struct Hash {
    size_t operator()(const std::string& key) const { return base::hash64(key); }
  };
  static std::string key(const TextHash& hash, uint16_t day) {
    std::string key(hash.data(), hash.size());
    key.append(reinterpret_cast<const char*>(&day), sizeof day);
    return key;
  }
  std::unordered_set<std::string, Hash> entries_;
};

struct SpanBlocks {
  std::vector<InsertBlock> blocks;                         // without tokens
  std::vector<uint16_t> days;                              // of each block
  std::vector<uint32_t> parts;                             // likewise: 0, 1, … of its table and day
  std::vector<std::pair<TextHash, uint16_t>> text_hashes;  // to be added to the register once all blocks are stored
  uint64_t spans = 0;
  uint64_t evaluations = 0;
};

// The segment's name for part 0, "<name>+<part>" for the others; begins the token of a block.
std::string part_name(std::string_view segment_name, uint32_t part);
// A number for a segment's (or a part's) name, which its rows carry; two names are as unlikely to share one as two
// hashes of 64 bits.
uint64_t segment_number(std::string_view name);

// Moves spans (and evaluations) so that they lie in at most kDaysPerSegmentMax days from 1970 to 2106, and flags them
// kSpanTimesClamped. Returns how many were moved.
uint64_t fold_days(SegmentContents& contents);

// Requires: fold_days. Texts come before the spans that refer to them.
SpanBlocks build_span_blocks(std::string_view segment_name, const SegmentContents& contents,
                             const TextRegister& stored);

}  // namespace godseye::store
