#include "segment_format.h"

#include "batch_codec.h"
#include "event_codec.h"
#include "span_codec.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <godseye/base/hash.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

static_assert(std::endian::native == std::endian::little, "integers are copied as they are in memory");

namespace {

constexpr std::string_view kMagic = "GEJRNL\r\n";  // a transfer that changes line ends shows at once
constexpr size_t kSequenceDigits = 20;
constexpr size_t kSaltDigits = 16;
constexpr std::string_view kSuffix = ".seg";

struct RecordHeader {
  uint32_t payload_bytes;
  uint32_t kind;
  uint64_t checksum;  // XXH3 of the payload, seeded with the two fields above
};
static_assert(sizeof(RecordHeader) == kRecordHeaderBytes);

uint64_t checksum(uint32_t kind, std::string_view payload) {
  return base::hash64(payload, (static_cast<uint64_t>(kind) << 32) | payload.size());
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

Status add_record(uint32_t kind, std::string_view payload, SegmentContents& contents) {
  if (kind == static_cast<uint32_t>(RecordKind::kMetricBatch)) {
    Result<signal::MetricBatch> batch = decode_batch(payload);
    if (!batch) return std::move(batch).error();
    contents.batches.push_back(*std::move(batch));
    return base::ok();
  }
  if (kind == static_cast<uint32_t>(RecordKind::kSpanBatch)) {
    const bool fits = !contents.spans.empty() && contents.spans.back().text.size() + payload.size() <= kSpansTextMax;
    if (!fits) contents.spans.emplace_back();
    return decode_spans(payload, contents.spans.back());
  }
  if (kind == static_cast<uint32_t>(RecordKind::kEventBatch)) {
    Result<signal::EventBatch> events = decode_events(payload);
    if (!events) return std::move(events).error();
    contents.events.push_back(*std::move(events));
    return base::ok();
  }
  return Error(ErrorCode::kCorrupt, "unknown kind " + std::to_string(kind));
}

}  // namespace

std::string segment_header() {
  std::string out(kMagic);
  const uint32_t fields[2] = {kSegmentVersion, 0};
  out.append(reinterpret_cast<const char*>(fields), sizeof fields);
  return out;
}

void append_record(RecordKind kind, std::string_view payload, std::string& out) {
  const RecordHeader header{static_cast<uint32_t>(payload.size()), static_cast<uint32_t>(kind),
                            checksum(static_cast<uint32_t>(kind), payload)};
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(payload);
}

Result<SegmentContents> decode_segment(std::string_view bytes) {
  SegmentContents contents;
  const std::string header = segment_header();
  const auto same = std::mismatch(bytes.begin(), bytes.end(), header.begin(), header.end()).first;
  if (bytes.size() < header.size() || (bytes.substr(0, header.size()) != header && all_zero({same, bytes.end()}))) {
    // The crash came before the header was whole; nothing in it was ever acknowledged.
    contents.torn_bytes = bytes.size();
    return contents;
  }
  if (!bytes.starts_with(kMagic)) return Error(ErrorCode::kCorrupt, "not a journal segment");
  if (!bytes.starts_with(header)) return Error(ErrorCode::kCorrupt, "a journal segment of another version");
  size_t at = header.size();
  while (at < bytes.size()) {
    const std::string_view rest = bytes.substr(at);
    RecordHeader record{};
    if (rest.size() >= sizeof record) std::memcpy(&record, rest.data(), sizeof record);
    const uint64_t record_bytes = sizeof record + static_cast<uint64_t>(record.payload_bytes);
    if (rest.size() < sizeof record || record_bytes > rest.size() ||
        all_zero(rest)) {  // zeros: what power loss leaves of a grown file
      contents.torn_bytes = rest.size();
      break;
    }
    const std::string_view payload = rest.substr(sizeof record, record.payload_bytes);
    const std::string place = " at byte " + std::to_string(at);
    if (checksum(record.kind, payload) != record.checksum) {
      if (all_zero(rest.substr(record_bytes))) {
        contents.torn_bytes = rest.size();
        break;
      }
      return Error(ErrorCode::kCorrupt, "record" + place + " is damaged");
    }
    if (Status added = add_record(record.kind, payload, contents); !added) {
      return std::move(added).error().within("record" + place);
    }
    at += record_bytes;
  }
  return contents;
}

std::string SegmentId::name() const {
  char text[64];
  std::snprintf(text, sizeof text, "%020llu-%016llx", static_cast<unsigned long long>(sequence),
                static_cast<unsigned long long>(salt));
  return text;
}

std::string segment_file_name(SegmentId id) { return id.name() + std::string(kSuffix); }

std::optional<SegmentId> parse_segment_file_name(std::string_view name) {
  if (name.size() != kSequenceDigits + 1 + kSaltDigits + kSuffix.size() || !name.ends_with(kSuffix)) return {};
  SegmentId id;
  const char* begin = name.data();
  const auto sequence = std::from_chars(begin, begin + kSequenceDigits, id.sequence);
  const auto salt =
      std::from_chars(begin + kSequenceDigits + 1, begin + kSequenceDigits + 1 + kSaltDigits, id.salt, 16);
  const bool whole = sequence.ptr == begin + kSequenceDigits && salt.ptr == begin + kSequenceDigits + 1 + kSaltDigits;
  if (!whole || sequence.ec != std::errc() || salt.ec != std::errc() || segment_file_name(id) != name) return {};
  return id;
}

}  // namespace godseye::store
