#pragma once

#include <string>
#include <vector>

#include <godseye/dogstatsd/decode.h>

// Keeps what a decoder reports, with owned values, as lines of text that tests compare.
namespace godseye::dogstatsd {

struct Recorder {
  struct Metric {
    std::string name;
    MetricKind kind;
    std::vector<double> values;
    std::string set_value;
    double sample_rate;
    std::vector<std::string> tags;
    int64_t timestamp_s;
    std::string local_data, external_data, cardinality;
  };
  std::vector<Metric> metrics;
  std::vector<EventMessage> events;  // views into the packet, which outlives the recorder in tests
  std::vector<ServiceCheckMessage> checks;
  std::vector<DropReason> drops;

  void on_metric(const MetricMessage& m) {
    Metric metric{std::string(m.name),
                  m.kind,
                  {m.values.begin(), m.values.end()},
                  std::string(m.set_value),
                  m.sample_rate,
                  {},
                  m.timestamp_s,
                  std::string(m.origin.local_data),
                  std::string(m.origin.external_data),
                  std::string(m.origin.cardinality)};
    for (TagList tags(m.tags); tags.next();) metric.tags.emplace_back(tags.tag());
    metrics.push_back(std::move(metric));
  }
  void on_event(const EventMessage& event) { events.push_back(event); }
  void on_service_check(const ServiceCheckMessage& check) { checks.push_back(check); }
  void on_drop(DropReason reason, std::string_view) { drops.push_back(reason); }
};

inline Recorder decode(std::string_view packet, bool insist = false) {
  Recorder recorder;
  Decoder decoder(insist);
  decoder.decode(packet, recorder);
  return recorder;
}

}  // namespace godseye::dogstatsd
