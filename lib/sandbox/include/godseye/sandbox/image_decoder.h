#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/guard/image.h>

// `ImageDecoder` decodes an untrusted image completely, in a child process that is made for this one file and thrown
// away: `godseye-image-decoder`, started with posix_spawn (never forked: the parent has threads). The file goes in as a
// sealed memory file, 48 bytes come out (decode_answer.h). No pixel leaves the child: what is learned is whether the
// file decodes to its end, how large it really is, and what that cost.
//
// The child limits itself before it looks at the first byte: address space, CPU time, no files, no new descriptors, no
// processes, and a seccomp filter that leaves memory, `write` to the answer pipe and `exit`. Beyond `deadline` it is
// killed. docs/decisions/0006-image-decoder.md has the reasons.
//
// Limits: `DecoderConfig`. At most `concurrent_max` children run; one more caller waits until its deadline, then the
// answer is kBusy. Every ending is counted in `DecoderStats`.
// Threads: `decode` from any thread, blocks until the child ended (a few milliseconds for a photo, `deadline` at most).
namespace godseye::sandbox {

struct DecoderConfig {
  std::string program;                        // empty: `godseye-image-decoder` beside this program
  uint64_t memory_bytes_max = 256ULL << 20;   // address space of the child; at least 32 MiB
  std::chrono::milliseconds deadline{5'000};  // from the call to the answer, waiting included; then the child is killed
  std::chrono::seconds cpu_max{5};            // CPU time of the child
  uint32_t frames_max = 2'000;                // of one animation or file of pages
  unsigned concurrent_max = 2;                // children at once
};

enum class DecodeState : uint8_t {
  kComplete,     // every pixel of every frame was decoded
  kCorrupt,      // pixel data damaged or cut short
  kOverLimit,    // memory, frames, CPU time or the deadline
  kUnsupported,  // no decoder for this format or variant (SVG, HEIF, AVIF, rare TIFF codecs)
  kCrashed,      // the decoder was ended by a signal or answered nonsense: treat the file as hostile
  kBusy,         // no free child until the deadline; the file was not looked at
  kUnavailable,  // the child could not be started; the file was not looked at
};
// "complete", "corrupt", "over_limit", "unsupported", "crashed", "busy", "unavailable".
std::string_view decode_state_name(DecodeState state);

struct DecodeReport {
  DecodeState state = DecodeState::kUnavailable;
  uint32_t width = 0;  // pixels as decoded
  uint32_t height = 0;
  uint32_t frames = 0;
  uint64_t decoded_bytes = 0;  // samples of all frames
  double ratio = 0;            // decoded_bytes / file size
  double pixel_entropy_bits = 0;
  uint64_t peak_memory_bytes = 0;  // of the child; 0 when it did not answer
  std::chrono::microseconds elapsed{0};
  std::string detail;  // one sentence for a person when the state is not kComplete
};

// Counts since the start; `running` is now.
struct DecoderStats {
  uint64_t calls = 0;
  uint64_t complete = 0;
  uint64_t corrupt = 0;
  uint64_t over_limit = 0;
  uint64_t unsupported = 0;
  uint64_t crashed = 0;
  uint64_t busy = 0;
  uint64_t unavailable = 0;
  unsigned running = 0;
};

class ImageDecoder {
 public:
  explicit ImageDecoder(DecoderConfig config);
  ImageDecoder(const ImageDecoder&) = delete;
  ImageDecoder& operator=(const ImageDecoder&) = delete;

  // Ok when the child's program is there and can be run; kNotFound names the path.
  base::Status check() const;
  // `format` as the structural inspection found it. Formats without a decoder are answered without a child.
  DecodeReport decode(std::string_view bytes, guard::ImageFormat format);
  DecoderStats stats() const;

 private:
  bool enter(std::chrono::steady_clock::time_point deadline) GE_EXCLUDES(mutex_);
  void leave() GE_EXCLUDES(mutex_);
  DecodeReport run_child(std::string_view bytes, std::string_view format,
                         std::chrono::steady_clock::time_point deadline) const;

  const DecoderConfig config_;
  mutable base::Mutex mutex_;
  base::ConditionVariable free_;
  unsigned running_ GE_GUARDED_BY(mutex_) = 0;
  DecoderStats stats_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::sandbox
