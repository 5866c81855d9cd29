#include <cstdint>
#include <cstdlib>
#include <string>

#include <godseye/dogstatsd/decode.h>
#include <godseye/dogstatsd/encode.h>

// Any packet decodes without a fault, and every metric that is decoded survives encoding and decoding again.
namespace {

using namespace godseye::dogstatsd;

struct Counter {
  int metrics = 0;
  void on_metric(const MetricMessage&) { ++metrics; }
  void on_event(const EventMessage&) {}
  void on_service_check(const ServiceCheckMessage&) {}
  void on_drop(DropReason, std::string_view) {}
};

struct Checker {
  std::string text;
  Decoder again;
  void on_metric(const MetricMessage& metric) {
    text.clear();
    append_metric(metric, text);
    Counter counter;
    again.decode(text, counter);
    if (counter.metrics != 1) std::abort();
  }
  void on_event(const EventMessage& event) {
    text.clear();
    unescape_newlines(event.text, text);
    if (event.title.empty() || text.size() > event.text.size()) std::abort();
  }
  void on_service_check(const ServiceCheckMessage& check) {
    if (check.name.empty()) std::abort();
  }
  void on_drop(DropReason reason, std::string_view) {
    if (reason == DropReason::kNone) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Checker checker;
  Decoder decoder(size % 2 == 1);
  decoder.decode({reinterpret_cast<const char*>(data), size}, checker);
  return 0;
}
