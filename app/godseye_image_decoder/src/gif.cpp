#include "decoders.h"

#include <cstring>
#include <vector>

#include <gif_lib.h>

// GIF by giflib, line by line; frames are not composited.
namespace godseye::image_decoder {
namespace {

int read_bytes(GifFileType* gif, GifByteType* into, int size) {
  auto* rest = static_cast<std::string_view*>(gif->UserData);
  const size_t count = std::min(rest->size(), static_cast<size_t>(std::max(size, 0)));
  std::memcpy(into, rest->data(), count);
  rest->remove_prefix(count);
  return static_cast<int>(count);
}

bool skip_extension(GifFileType* gif) {
  int code = 0;
  GifByteType* block = nullptr;
  if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) return false;
  while (block != nullptr) {
    if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) return false;
  }
  return true;
}

DecodeOutcome read_frame(GifFileType* gif, const Limits& limits, std::vector<uint8_t>& row, Pixels& pixels) {
  if (DGifGetImageDesc(gif) == GIF_ERROR) return DecodeOutcome::kCorrupt;
  if (pixels.frames >= limits.frames_max) return DecodeOutcome::kOverLimit;
  const int width = gif->Image.Width;
  const int height = gif->Image.Height;
  if (width <= 0 || height <= 0) return DecodeOutcome::kCorrupt;
  row.resize(static_cast<size_t>(width));
  for (int y = 0; y < height; ++y) {
    if (DGifGetLine(gif, row.data(), width) == GIF_ERROR) return DecodeOutcome::kCorrupt;
    pixels.row(row.data(), row.size());
  }
  ++pixels.frames;
  return DecodeOutcome::kComplete;
}

DecodeOutcome read_all(GifFileType* gif, const Limits& limits, Pixels& pixels) {
  std::vector<uint8_t> row;
  pixels.width = static_cast<uint32_t>(gif->SWidth);
  pixels.height = static_cast<uint32_t>(gif->SHeight);
  while (true) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif, &type) == GIF_ERROR) return DecodeOutcome::kCorrupt;
    if (type == TERMINATE_RECORD_TYPE) break;
    if (type == EXTENSION_RECORD_TYPE && !skip_extension(gif)) return DecodeOutcome::kCorrupt;
    if (type != IMAGE_DESC_RECORD_TYPE) continue;
    const DecodeOutcome frame = read_frame(gif, limits, row, pixels);
    if (frame != DecodeOutcome::kComplete) return frame;
  }
  return pixels.frames > 0 ? DecodeOutcome::kComplete : DecodeOutcome::kCorrupt;
}

}  // namespace

DecodeOutcome decode_gif(std::string_view file, const Limits& limits, Pixels& pixels) {
  std::string_view rest = file;
  int error = 0;
  GifFileType* gif = DGifOpen(&rest, read_bytes, &error);
  if (gif == nullptr) return error == D_GIF_ERR_NOT_ENOUGH_MEM ? DecodeOutcome::kOverLimit : DecodeOutcome::kCorrupt;
  DecodeOutcome outcome = read_all(gif, limits, pixels);
  if (gif->Error == D_GIF_ERR_NOT_ENOUGH_MEM) outcome = DecodeOutcome::kOverLimit;
  DGifCloseFile(gif, &error);
  return outcome;
}

}  // namespace godseye::image_decoder
