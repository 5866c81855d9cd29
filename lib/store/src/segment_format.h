#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/store/journal.h>

// The bytes of a journal segment (docs/formats/journal.md). Pure functions; everything here is on disk.
namespace godseye::store {

inline constexpr size_t kSegmentHeaderBytes = 16;
inline constexpr size_t kRecordHeaderBytes = 16;
inline constexpr uint32_t kSegmentVersion = 1;

enum class RecordKind : uint32_t { kMetricBatch = 1, kSpanBatch = 2, kEventBatch = 3 };

std::string segment_header();
// Appends one record to `out`.
void append_record(RecordKind kind, std::string_view payload, std::string& out);

// Checks and decodes a whole segment. A damaged last record, or zeros up to the end, is a write that a crash
// interrupted: cut off and counted. Damage before the end, another version or an unknown kind is kCorrupt.
base::Result<SegmentContents> decode_segment(std::string_view bytes);

// "00000000000000000123-9f86d081884c7d65.seg" and back; nothing for other names.
std::string segment_file_name(SegmentId id);
std::optional<SegmentId> parse_segment_file_name(std::string_view name);

}  // namespace godseye::store
