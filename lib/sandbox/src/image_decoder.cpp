#include "confined_child.h"

#include <csignal>
#include <cstring>

#include <godseye/sandbox/decode_answer.h>
#include <godseye/sandbox/image_decoder.h>

#include <unistd.h>

namespace godseye::sandbox {
namespace {

using guard::ImageFormat;
using std::chrono::steady_clock;

constexpr uint64_t kMemoryBytesLeast = 32ULL << 20;

std::string program_beside_us() {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) return "godseye-image-decoder";
  const std::string_view self(path, static_cast<size_t>(length));
  return std::string(self.substr(0, self.rfind('/') + 1)) + "godseye-image-decoder";
}

DecoderConfig checked(DecoderConfig config) {
  if (config.program.empty()) config.program = program_beside_us();
  config.memory_bytes_max = std::max(config.memory_bytes_max, kMemoryBytesLeast);
  config.concurrent_max = std::max(config.concurrent_max, 1u);
  return config;
}

bool decodable(ImageFormat format) {
  switch (format) {
    case ImageFormat::kPng:
    case ImageFormat::kApng:
    case ImageFormat::kGif:
    case ImageFormat::kJpeg:
    case ImageFormat::kWebp:
    case ImageFormat::kTiff:
    case ImageFormat::kBmp:
    case ImageFormat::kIco:
      return true;
    case ImageFormat::kUnknown:
    case ImageFormat::kSvg:
    case ImageFormat::kHeif:
    case ImageFormat::kAvif:
      return false;
  }
  return false;
}

DecodeReport ended_with(DecodeState state, std::string detail) {
  DecodeReport out;
  out.state = state;
  out.detail = std::move(detail);
  return out;
}

// A child that gave no proper answer.
DecodeReport judge_ending(const ChildRun& run) {
  if (run.timed_out) return ended_with(DecodeState::kOverLimit, "decoding took longer than allowed");
  if (run.signal == SIGXCPU) return ended_with(DecodeState::kOverLimit, "decoding took more CPU time than allowed");
  if (run.signal == SIGSYS)
    return ended_with(DecodeState::kCrashed, "the decoder was ended: it asked the system for something forbidden");
  if (run.signal != 0)
    return ended_with(DecodeState::kCrashed, "the decoder was ended by signal " + std::to_string(run.signal));
  if (run.exit_code == kCannotConfine)
    return ended_with(DecodeState::kUnavailable, "this system does not let the decoder confine itself");
  return ended_with(DecodeState::kCrashed, "the decoder ended without a proper answer");
}

DecodeReport judge_answer(const DecodeAnswer& answer, size_t file_bytes) {
  DecodeReport out;
  switch (answer.outcome) {
    case DecodeOutcome::kComplete:
      out.state = DecodeState::kComplete;
      break;
    case DecodeOutcome::kCorrupt:
      out.state = DecodeState::kCorrupt;
      out.detail = "the pixel data is damaged or cut short";
      break;
    case DecodeOutcome::kOverLimit:
      out.state = DecodeState::kOverLimit;
      out.detail = "decoding needs more memory or has more frames than allowed";
      break;
    case DecodeOutcome::kUnsupported:
      out.state = DecodeState::kUnsupported;
      out.detail = "no decoder for this variant of the format";
      break;
  }
  out.width = answer.width;
  out.height = answer.height;
  out.frames = answer.frames;
  out.decoded_bytes = answer.decoded_bytes;
  out.ratio = file_bytes == 0 ? 0 : static_cast<double>(answer.decoded_bytes) / static_cast<double>(file_bytes);
  out.pixel_entropy_bits = answer.pixel_entropy_bits;
  out.peak_memory_bytes = answer.peak_memory_bytes;
  return out;
}

void count(DecodeState state, DecoderStats& stats) {
  switch (state) {
    case DecodeState::kComplete:
      ++stats.complete;
      return;
    case DecodeState::kCorrupt:
      ++stats.corrupt;
      return;
    case DecodeState::kOverLimit:
      ++stats.over_limit;
      return;
    case DecodeState::kUnsupported:
      ++stats.unsupported;
      return;
    case DecodeState::kCrashed:
      ++stats.crashed;
      return;
    case DecodeState::kBusy:
      ++stats.busy;
      return;
    case DecodeState::kUnavailable:
      ++stats.unavailable;
      return;
  }
}

}  // namespace

std::string_view decode_state_name(DecodeState state) {
  static constexpr std::string_view kNames[] = {"complete", "corrupt", "over_limit", "unsupported",
                                                "crashed",  "busy",    "unavailable"};
  return kNames[static_cast<size_t>(state)];
}

ImageDecoder::ImageDecoder(DecoderConfig config) : config_(checked(std::move(config))) {}

base::Status ImageDecoder::check() const {
  if (::access(config_.program.c_str(), X_OK) == 0) return base::ok();
  return base::Error(base::ErrorCode::kNotFound, config_.program + " is not there or cannot be run");
}

bool ImageDecoder::enter(steady_clock::time_point deadline) {
  const base::MutexLock lock(mutex_);
  while (running_ >= config_.concurrent_max) {
    if (!free_.wait_until(mutex_, deadline) && running_ >= config_.concurrent_max) return false;
  }
  ++running_;
  return true;
}

void ImageDecoder::leave() {
  {
    const base::MutexLock lock(mutex_);
    --running_;
  }
  free_.notify_one();
}

DecodeReport ImageDecoder::decode(std::string_view bytes, ImageFormat format) {
  const auto begin = steady_clock::now();
  const auto deadline = begin + config_.deadline;
  DecodeReport report;
  if (!decodable(format)) {
    report = ended_with(DecodeState::kUnsupported, std::string(guard::image_format_name(format)) + " is not decoded");
  } else if (!enter(deadline)) {
    report = ended_with(DecodeState::kBusy, "too many pictures are being decoded; try again");
  } else {
    report = run_child(bytes, guard::image_format_name(format), deadline);
    leave();
  }
  report.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
  const base::MutexLock lock(mutex_);
  ++stats_.calls;
  count(report.state, stats_);
  return report;
}

DecodeReport ImageDecoder::run_child(std::string_view bytes, std::string_view format,
                                     steady_clock::time_point deadline) const {
  const std::vector<std::string> arguments = {
      config_.program, std::string(format), std::to_string(config_.memory_bytes_max),
      std::to_string(config_.cpu_max.count()), std::to_string(config_.frames_max)};
  base::Result<ChildRun> run = sandbox::run_child(arguments, bytes, sizeof(DecodeAnswer), deadline);
  if (!run) return ended_with(DecodeState::kUnavailable, run.error().message());
  const bool ended_itself = !run->timed_out && run->signal == 0 && run->exit_code == 0;
  const std::optional<DecodeAnswer> answer = parse_decode_answer(run->answer);
  if (ended_itself && answer) return judge_answer(*answer, bytes.size());
  return judge_ending(*run);
}

DecoderStats ImageDecoder::stats() const {
  const base::MutexLock lock(mutex_);
  DecoderStats out = stats_;
  out.running = running_;
  return out;
}

}  // namespace godseye::sandbox
