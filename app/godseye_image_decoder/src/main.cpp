// `godseye-image-decoder FORMAT MEMORY_BYTES CPU_SECONDS FRAMES_MAX <file | …`: decodes one untrusted picture to
// its last pixel and writes 48 bytes about it (decode_answer.h). Started by `sandbox::ImageDecoder`, one process per
// file. The order is the point: map the file, shut ourselves in, and only then read the first byte.
#include "confine.h"
#include "decoders.h"

#include <cstdio>
#include <cstdlib>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace godseye;

constexpr int kBadUse = 2;
// What the program itself occupies: code of the libraries, stack, tables.
constexpr uint64_t kOwnBytes = 24ULL << 20;

uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

std::string_view map_input() {
  struct stat status{};
  if (::fstat(STDIN_FILENO, &status) != 0 || status.st_size <= 0) return {};
  const auto size = static_cast<size_t>(status.st_size);
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
  if (bytes == MAP_FAILED) return {};
  return {static_cast<const char*>(bytes), size};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: godseye-image-decoder FORMAT MEMORY_BYTES CPU_SECONDS FRAMES_MAX <file | ...\n", stderr);
    return kBadUse;
  }
  const uint64_t memory_bytes = number(argv[2]);
  const std::string_view file = map_input();
  const int status = image_decoder::open_own_status();
  if (!image_decoder::confine({.memory_bytes = memory_bytes, .cpu_seconds = number(argv[3])}, status))
    ::_exit(sandbox::kCannotConfine);

  const uint64_t taken = kOwnBytes + file.size();
  const image_decoder::Limits limits{.memory_bytes = memory_bytes > taken ? memory_bytes - taken : 0,
                                     .frames_max = static_cast<uint32_t>(number(argv[4]))};
  image_decoder::Pixels pixels;
  sandbox::DecodeAnswer answer;
  answer.outcome = image_decoder::decode(argv[1], file, limits, pixels);
  answer.width = pixels.width;
  answer.height = pixels.height;
  answer.frames = pixels.frames;
  answer.decoded_bytes = pixels.bytes;
  answer.peak_memory_bytes = image_decoder::peak_memory_bytes(status);
  answer.pixel_entropy_bits = pixels.entropy_bits();
  const ssize_t written = ::write(STDOUT_FILENO, &answer, sizeof answer);
  ::_exit(written == static_cast<ssize_t>(sizeof answer) ? 0 : 1);
}
