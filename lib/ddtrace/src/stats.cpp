#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include <godseye/ddtrace/client_stats.h>
#include <godseye/msgpack/reader.h>
#include <godseye/msgpack/writer.h>
#include <godseye/protobuf/reader.h>
#include <godseye/protobuf/writer.h>

namespace godseye::ddtrace {
namespace {

using base::Error;
using base::ErrorCode;
using msgpack::Reader;
using msgpack::Writer;

// Reads the maps of the payload: each key goes to `field`, which reads its value and answers false when it is not one
// that it knows (then it is passed over) . False when the bytes cannot be read any further.
template <typename Field>
bool read_map(Reader& reader, Field field) {
  if (reader.nil()) return true;
  uint32_t pairs = 0;
  if (!reader.map(pairs)) return false;
  for (uint32_t i = 0; i < pairs; ++i) {
    std::string_view name;
    if (!reader.text(name) && !reader.skip()) return false;
    const size_t at = reader.position();
    field(name);
    if (reader.broken()) return false;
    if (reader.position() == at && !reader.skip()) return false;
  }
  return true;
}

bool read_text(Reader& reader, std::string& out) {
  std::string_view text;
  if (!reader.text(text)) return false;
  out = text;
  return true;
}

// A store of DDSketch: bins by index.
bool read_bins(std::string_view store, std::map<int32_t, double>& bins) {
  protobuf::Reader reader(store);
  int64_t next_index = 0;
  std::vector<double> contiguous;
  while (reader.next()) {
    if (reader.field() == 1 && reader.is_bytes()) {
      protobuf::Reader entry(reader.bytes());
      int32_t index = 0;
      double count = 0;
      while (entry.next()) {
        if (entry.field() == 1) index = entry.zigzag32();
        if (entry.field() == 2) count = entry.fixed_double();
      }
      if (entry.broken()) return false;
      bins[index] += count;
    } else if (reader.field() == 2) {
      std::string_view packed = reader.bytes();
      if (!reader.is_bytes()) {
        contiguous.push_back(reader.fixed_double());
        continue;
      }
      if (packed.size() % 8 != 0) return false;
      for (; !packed.empty(); packed.remove_prefix(8)) {
        double count = 0;
        std::memcpy(&count, packed.data(), 8);
        contiguous.push_back(count);
      }
    } else if (reader.field() == 3) {
      next_index = reader.zigzag32();
    }
    if (bins.size() > kSketchBinsMax || contiguous.size() > 16 * kSketchBinsMax) return false;
  }
  for (const double count : contiguous) {
    if (count != 0) bins[static_cast<int32_t>(std::clamp<int64_t>(next_index, INT32_MIN, INT32_MAX))] += count;
    ++next_index;
  }
  return !reader.broken() && bins.size() <= kSketchBinsMax;
}

// DDSketch → bins of durations. False when it cannot be read, or its mapping is none we know how to invert.
bool read_sketch(std::string_view sketch, std::vector<DurationBin>& out) {
  if (sketch.empty()) return true;
  double gamma = 0;
  double offset = 0;
  double zeros = 0;
  uint64_t interpolation = 0;
  std::map<int32_t, double> bins;
  protobuf::Reader reader(sketch);
  while (reader.next()) {
    if (reader.field() == 1 && reader.is_bytes()) {
      protobuf::Reader mapping(reader.bytes());
      while (mapping.next()) {
        if (mapping.field() == 1) gamma = mapping.fixed_double();
        if (mapping.field() == 2) offset = mapping.fixed_double();
        if (mapping.field() == 3) interpolation = mapping.varint();
      }
      if (mapping.broken()) return false;
    } else if (reader.field() == 2 && reader.is_bytes()) {
      if (!read_bins(reader.bytes(), bins)) return false;
    } else if (reader.field() == 4) {
      zeros = reader.fixed_double();
    }
  }
  if (reader.broken()) return false;
  if (!bins.empty() && (interpolation != 0 || !(gamma > 1) || !std::isfinite(gamma) || !std::isfinite(offset)))
    return false;
  if (zeros > 0 && std::isfinite(zeros)) out.push_back({0, zeros});
  for (const auto& [index, count] : bins) {
    const double value = 2 * std::pow(gamma, static_cast<double>(index) - offset) / (gamma + 1);
    if (!std::isfinite(value) || !std::isfinite(count) || count <= 0) continue;
    out.push_back({value, count});
  }
  return true;
}

class StatsDecoder {
 public:
  StatsDecoder(std::string_view body, ClientStats& stats) : reader_(body), stats_(stats) {}

  bool decode() {
    const bool whole = read_map(reader_, [&](std::string_view name) {
      if (name == "Hostname") read_text(reader_, stats_.hostname);
      if (name == "Env") read_text(reader_, stats_.env);
      if (name == "Version") read_text(reader_, stats_.version);
      if (name == "Lang") read_text(reader_, stats_.language);
      if (name == "TracerVersion") read_text(reader_, stats_.tracer_version);
      if (name == "RuntimeID") read_text(reader_, stats_.runtime_id);
      if (name == "Service") read_text(reader_, stats_.service);
      if (name == "ContainerID") read_text(reader_, stats_.container_id);
      if (name == "Stats") whole_ = whole_ && read_buckets();
    });
    return whole && whole_ && reader_.at_end();
  }
  size_t position() const { return reader_.position(); }

 private:
  bool read_buckets() {
    if (reader_.nil()) return true;
    uint32_t count = 0;
    if (!reader_.array(count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      ClientStatsBucket bucket;
      const bool whole = read_map(reader_, [&](std::string_view name) {
        if (name == "Start") reader_.signed_integer(bucket.start_ns);
        if (name == "Duration") reader_.signed_integer(bucket.duration_ns);
        if (name == "Stats") whole_ = whole_ && read_groups(bucket);
      });
      if (!whole || !whole_) return false;
      if (stats_.buckets.size() < kStatsBucketsMax) {
        stats_.buckets.push_back(std::move(bucket));
      } else {
        stats_.groups_dropped += bucket.groups.size();
      }
    }
    return true;
  }

  bool read_groups(ClientStatsBucket& bucket) {
    if (reader_.nil()) return true;
    uint32_t count = 0;
    if (!reader_.array(count)) return false;
    for (uint32_t i = 0; i < count; ++i) {
      ClientStatsGroup group;
      if (!read_map(reader_, [&](std::string_view name) { read_group_field(name, group); }) || !whole_) return false;
      if (groups_++ < kStatsGroupsMax) {
        bucket.groups.push_back(std::move(group));
      } else {
        ++stats_.groups_dropped;
      }
    }
    return true;
  }

  void read_group_field(std::string_view name, ClientStatsGroup& group) {
    uint64_t number = 0;
    if (name == "Service") read_text(reader_, group.service);
    if (name == "Name") read_text(reader_, group.name);
    if (name == "Resource") read_text(reader_, group.resource);
    if (name == "Type") read_text(reader_, group.type);
    if (name == "DBType") read_text(reader_, group.db_type);
    if (name == "SpanKind") read_text(reader_, group.span_kind);
    if (name == "HTTPMethod") read_text(reader_, group.http_method);
    if (name == "HTTPEndpoint") read_text(reader_, group.http_endpoint);
    if (name == "GRPCStatusCode" && !read_text(reader_, group.grpc_status) && reader_.unsigned_integer(number)) {
      group.grpc_status = std::to_string(number);
    }
    if (name == "HTTPStatusCode" && reader_.unsigned_integer(number)) {
      group.http_status = number <= 999 ? static_cast<uint32_t>(number) : 0;
    }
    if (name == "Synthetics") reader_.boolean(group.synthetics);
    if (name == "IsTraceRoot" && reader_.unsigned_integer(number)) {
      group.is_trace_root = number <= 2 ? static_cast<uint8_t>(number) : 0;
    }
    if (name == "PeerTags") read_peer_tags(group);
    if (name == "Hits") reader_.unsigned_integer(group.hits);
    if (name == "TopLevelHits") reader_.unsigned_integer(group.top_level_hits);
    if (name == "Errors") reader_.unsigned_integer(group.errors);
    if (name == "Duration") reader_.unsigned_integer(group.duration_ns);
    if (name == "OkSummary") read_summary(group.ok);
    if (name == "ErrorSummary") read_summary(group.error);
  }

  void read_peer_tags(ClientStatsGroup& group) {
    uint32_t count = 0;
    if (!reader_.array(count)) return;
    for (uint32_t i = 0; i < count && whole_; ++i) {
      std::string tag;
      if (read_text(reader_, tag)) {
        group.peer_tags.push_back(std::move(tag));
      } else {
        whole_ = reader_.skip();
      }
    }
  }

  void read_summary(std::vector<DurationBin>& out) {
    std::string_view bytes;
    if (!reader_.text(bytes)) return;
    if (read_sketch(bytes, out)) return;
    out.clear();
    ++stats_.sketches_dropped;
  }

  Reader reader_;
  ClientStats& stats_;
  size_t groups_ = 0;
  bool whole_ = true;
};

constexpr double kGamma = 1.01 / 0.99;  // 1 %

std::string encode_sketch(const std::vector<DurationBin>& bins) {
  protobuf::Writer mapping;
  mapping.real(1, kGamma);
  protobuf::Writer store;
  double zeros = 0;
  for (const DurationBin& bin : bins) {
    if (bin.duration_ns <= 0) {
      zeros += bin.count;
      continue;
    }
    protobuf::Writer entry;
    entry.zigzag32(1, static_cast<int32_t>(std::ceil(std::log(bin.duration_ns) / std::log(kGamma))));
    entry.real(2, bin.count);
    store.bytes(1, entry.text());
  }
  protobuf::Writer sketch;
  sketch.bytes(1, mapping.text());
  sketch.bytes(2, store.text());
  sketch.bytes(3, "");
  sketch.real(4, zeros);
  return sketch.text();
}

void encode_group(Writer& writer, const ClientStatsGroup& group) {
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.string(name);
    writer.string(value);
  };
  const auto number = [&](std::string_view name, uint64_t value) {
    writer.string(name);
    writer.unsigned_integer(value);
  };
  writer.map(19);
  text("Service", group.service);
  text("Name", group.name);
  text("Resource", group.resource);
  text("Type", group.type);
  text("DBType", group.db_type);
  text("SpanKind", group.span_kind);
  text("HTTPMethod", group.http_method);
  text("HTTPEndpoint", group.http_endpoint);
  text("GRPCStatusCode", group.grpc_status);
  number("HTTPStatusCode", group.http_status);
  writer.string("Synthetics");
  writer.boolean(group.synthetics);
  number("IsTraceRoot", group.is_trace_root);
  writer.string("PeerTags");
  writer.array(static_cast<uint32_t>(group.peer_tags.size()));
  for (const std::string& tag : group.peer_tags) writer.string(tag);
  number("Hits", group.hits);
  number("TopLevelHits", group.top_level_hits);
  number("Errors", group.errors);
  number("Duration", group.duration_ns);
  writer.string("OkSummary");
  writer.binary(encode_sketch(group.ok));
  writer.string("ErrorSummary");
  writer.binary(encode_sketch(group.error));
}

}  // namespace

base::Result<ClientStats> decode_stats_v06(std::string_view body) {
  ClientStats stats;
  StatsDecoder decoder(body, stats);
  if (decoder.decode()) return stats;
  return Error{ErrorCode::kInvalidArgument,
               "v0.6 stats payload ends early or is damaged at byte " + std::to_string(decoder.position())};
}

std::string encode_stats_v06(const ClientStats& stats) {
  std::string out;
  Writer writer(out);
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.string(name);
    writer.string(value);
  };
  writer.map(9);
  text("Hostname", stats.hostname);
  text("Env", stats.env);
  text("Version", stats.version);
  text("Lang", stats.language);
  text("TracerVersion", stats.tracer_version);
  text("RuntimeID", stats.runtime_id);
  text("Service", stats.service);
  text("ContainerID", stats.container_id);
  writer.string("Stats");
  writer.array(static_cast<uint32_t>(stats.buckets.size()));
  for (const ClientStatsBucket& bucket : stats.buckets) {
    writer.map(3);
    writer.string("Start");
    writer.signed_integer(bucket.start_ns);
    writer.string("Duration");
    writer.signed_integer(bucket.duration_ns);
    writer.string("Stats");
    writer.array(static_cast<uint32_t>(bucket.groups.size()));
    for (const ClientStatsGroup& group : bucket.groups) encode_group(writer, group);
  }
  return out;
}

}  // namespace godseye::ddtrace
