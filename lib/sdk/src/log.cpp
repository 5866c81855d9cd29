#include "log_buffer.h"
#include "otlp_wire.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <godseye/base/json_text.h>
#include <godseye/sdk/trace.h>

#include <poll.h>
#include <unistd.h>

namespace godseye::sdk {
namespace {

// What a pipe takes at once when poll says that it takes something.
constexpr size_t kPieceBytes = 4096;
constexpr size_t kLineUsual = 512;

// `value` in exactly `size` digits.
void digits(uint64_t value, size_t size, char* out) {
  for (; size > 0; --size, value /= 10) out[size - 1] = static_cast<char>('0' + value % 10);
}

// "2026-01-05T12:00:00.123Z". By hand: strftime asks for the locale and the time zone at each line.
void append_iso_time(base::WallTime time, std::string& out) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto millis = static_cast<uint64_t>(std::chrono::floor<std::chrono::milliseconds>(time - day).count());
  char text[] = "0000-00-00T00:00:00.000Z";
  digits(static_cast<uint64_t>(std::max(0, static_cast<int>(date.year()))), 4, text);
  digits(static_cast<unsigned>(date.month()), 2, text + 5);
  digits(static_cast<unsigned>(date.day()), 2, text + 8);
  digits(millis / 3'600'000, 2, text + 11);
  digits(millis / 60'000 % 60, 2, text + 14);
  digits(millis / 1'000 % 60, 2, text + 17);
  digits(millis % 1'000, 3, text + 20);
  out.append(text, sizeof text - 1);
}

void member(std::string_view key, std::string_view value, std::string& out) {
  out += ',';
  base::append_json_string(key, out);
  out += ':';
  base::append_json_string(value, out);
}

// Keys that every line has: a field of the host's own with such a name becomes `field.<name>`.
bool reserved(std::string_view key) {
  static constexpr std::string_view kReserved[] = {"timestamp", "status",   "service",    "env",     "version",
                                                   "message",   "trace_id", "session_id", "span_id", "user_id"};
  return std::ranges::find(kReserved, key) != std::end(kReserved);
}

// OpenTelemetry's SeverityNumber.
uint64_t severity_of(std::string_view status) {
  return status == "debug" ? 5 : status == "warn" ? 13 : status == "error" ? 17 : 9;
}

}  // namespace

LogBuffer::LogBuffer(const Settings& settings, base::Clock clock)
    : clock_(std::move(clock)),
      exporter_(settings.logs),
      bytes_max_(settings.log_bytes_max),
      text_max_(settings.text_bytes_max) {
  member("service", settings.service, head_);
  if (!settings.env.empty()) member("env", settings.env, head_);
  if (!settings.version.empty()) member("version", settings.version, head_);
}

std::string LogBuffer::json_line(std::string_view status, std::string_view message, Log::Fields fields) const {
  std::string line;
  line.reserve(kLineUsual);
  line += "{\"timestamp\":\"";
  append_iso_time(clock_.wall(), line);
  line.append("\",\"status\":\"").append(status).append(1, '"').append(head_);
  member("message", message.substr(0, text_max_), line);
  if (const SpanContext* context = active_context()) {
    if (context->valid()) {
      member("trace_id", context->trace_id_hex(), line);
      member("span_id", std::to_string(context->span_id), line);
    }
    if (const auto session = context->baggage_item("session.id"); !session.empty()) member("session_id", session, line);
    if (const auto user = context->baggage_item("user.id"); !user.empty()) member("user_id", user, line);
  }
  for (const auto& [key, value] : fields) {
    if (reserved(key)) {
      member("field." + std::string(key), value.substr(0, text_max_), line);
    } else {
      member(key, value.substr(0, text_max_), line);
    }
  }
  line += "}\n";
  return line;
}

// One LogRecord with its key.
std::string LogBuffer::record(std::string_view status, std::string_view message, Log::Fields fields) const {
  constexpr uint32_t kAttributes = 6;
  protobuf::Writer out;
  const auto now = static_cast<uint64_t>(clock_.wall().time_since_epoch().count());
  out.fixed64(1, now);
  out.number(2, severity_of(status));
  out.bytes(3, status);
  protobuf::Writer body;
  utf8_field(body, 1, message.substr(0, text_max_));
  out.bytes(5, body.text());
  for (const auto& [key, value] : fields) text_attribute(out, kAttributes, key, value.substr(0, text_max_));
  if (const SpanContext* context = active_context()) {
    const auto baggage = [&](std::string_view key) {
      const std::string_view value = context->baggage_item(key);
      if (!value.empty()) text_attribute(out, kAttributes, key, value);
    };
    baggage("session.id");
    baggage("user.id");
    if (context->valid()) {
      out.fixed32(8, context->priority.value_or(1) > 0 ? 1 : 0);
      trace_id_field(out, 9, context->trace_id_high, context->trace_id_low);
      span_id_field(out, 10, context->span_id);
    }
  }
  out.fixed64(11, now);
  protobuf::Writer item;
  item.bytes(2, out.text());
  return item.take();
}

void LogBuffer::add(std::string_view status, std::string_view message, Log::Fields fields) {
  if (exporter_ == Exporter::kNone) return;
  const bool otlp = exporter_ == Exporter::kOtlp;
  const std::string line = otlp ? record(status, message, fields) : json_line(status, message, fields);
  base::MutexLock lock(mutex_);
  if (closed_ || lines_.size() + line.size() > bytes_max_) {
    ++dropped_;
    return;
  }
  lines_ += line;
  if (otlp) ++records_;
}

OtlpMessage LogBuffer::take_records() {
  base::MutexLock lock(mutex_);
  return {std::exchange(lines_, {}), std::exchange(records_, 0)};
}

void LogBuffer::lost(uint64_t records) {
  base::MutexLock lock(mutex_);
  dropped_ += records;
}

std::string LogBuffer::take() {
  base::MutexLock lock(mutex_);
  return std::exchange(lines_, {});
}

uint64_t LogBuffer::dropped() const {
  base::MutexLock lock(mutex_);
  return dropped_;
}

void LogBuffer::close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
}

size_t write_lines(int descriptor, std::string_view text, std::chrono::milliseconds wait) {
  while (!text.empty()) {
    pollfd ready{descriptor, POLLOUT, 0};
    if (::poll(&ready, 1, static_cast<int>(wait.count())) <= 0) break;
    const ssize_t written = ::write(descriptor, text.data(), std::min(text.size(), kPieceBytes));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written <= 0) break;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return static_cast<size_t>(std::ranges::count(text, '\n'));
}

Log::Log(std::shared_ptr<LogBuffer> buffer) : buffer_(std::move(buffer)) {}
void Log::debug(std::string_view message, Fields fields) { buffer_->add("debug", message, fields); }
void Log::info(std::string_view message, Fields fields) { buffer_->add("info", message, fields); }
void Log::warn(std::string_view message, Fields fields) { buffer_->add("warn", message, fields); }
void Log::error(std::string_view message, Fields fields) { buffer_->add("error", message, fields); }

}  // namespace godseye::sdk
