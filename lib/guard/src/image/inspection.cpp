#include "image/inspection.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <zlib.h>

namespace godseye::guard::image {
namespace {

struct Magic {
  std::string_view bytes;
  std::string_view what;
};
// Whole files of other kinds that a polyglot carries. Short magics (MZ, PK) carry their next bytes, since two random
// bytes meet somewhere in every photo.
constexpr std::array<Magic, 14> kForeignFiles = {{{"PK\x03\x04", "a ZIP archive"},
                                                  {"PK\x05\x06", "a ZIP archive"},
                                                  {"Rar!\x1a\x07", "a RAR archive"},
                                                  {"7z\xbc\xaf\x27\x1c", "a 7z archive"},
                                                  {"\x7f"
                                                   "ELF",
                                                   "an ELF program"},
                                                  {"%PDF-", "a PDF document"},
                                                  {"\xca\xfe\xba\xbe", "a class file or Mach-O program"},
                                                  {"\xcf\xfa\xed\xfe", "a Mach-O program"},
                                                  {std::string_view("\0asm\x01\0\0\0", 8), "a WebAssembly module"},
                                                  {"This program cannot be run in DOS mode", "a Windows program"},
                                                  {"<?php", "PHP code"},
                                                  {"#!/bin/", "a shell script"},
                                                  {"#!/usr/bin/", "a script"},
                                                  {std::string_view("MZ\x90\0", 4), "a Windows program"}}};
constexpr std::array<std::string_view, 10> kScripts = {"<script", "javascript:", "onerror=",       "onload=", "<?php",
                                                       "<iframe", "<html",       "<!doctype html", "<svg",    "<%="};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

using FirstBytes = std::array<bool, 256>;

constexpr FirstBytes kScriptStarts = [] {
  FirstBytes starts{};
  for (const std::string_view script : kScripts) {
    starts[static_cast<unsigned char>(script.front())] = true;
    if (script.front() >= 'a' && script.front() <= 'z') starts[static_cast<unsigned char>(script.front() - 32)] = true;
  }
  return starts;
}();

bool starts_caseless(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  return true;
}

// Any of `words` (each one of kScripts, or begun by one of their first letters), in one pass.
template <typename Words>
bool contains_any(std::string_view text, const Words& words) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!kScriptStarts[static_cast<unsigned char>(text[i])]) continue;
    for (const std::string_view word : words) {
      if (lower(text[i]) == word.front() && starts_caseless(text.substr(i), word)) return true;
    }
  }
  return false;
}

constexpr FirstBytes kForeignStarts = [] {
  FirstBytes starts{};
  for (const Magic& magic : kForeignFiles) starts[static_cast<unsigned char>(magic.bytes.front())] = true;
  return starts;
}();

// A flood of small blocks costs one look at each byte; in a large one the library's search for each kind is faster.
constexpr size_t kSmallBlockBytes = 512;

bool may_hold_file(std::string_view block) {
  return block.size() > kSmallBlockBytes ||
         std::any_of(block.begin(), block.end(), [](char c) { return kForeignStarts[static_cast<unsigned char>(c)]; });
}

// A DOS stub is only a program when its header points at "PE": `MZ` alone is too common.
bool is_windows_program(std::string_view block) {
  for (size_t at = block.find("MZ"); at != std::string_view::npos; at = block.find("MZ", at + 1)) {
    const std::optional<uint32_t> offset = Bytes(block).u32(at + 0x3c, false);
    if (offset && block.substr(std::min<uint64_t>(block.size(), at + uint64_t{*offset}))
                      .starts_with(std::string_view("PE\0\0", 4)))
      return true;
  }
  return false;
}

}  // namespace

void Inspection::add(std::string_view kind, ImageVerdict verdict, std::string detail) {
  for (const ImageFinding& known : report.findings)
    if (known.kind == kind) return;  // one finding a kind: a flood of equal ones says nothing more
  report.findings.push_back({kind, verdict, std::move(detail)});
}

bool Inspection::count_part() {
  if (++parts_ <= limits().parts_max) return true;
  malicious("part_flood", "more than " + std::to_string(limits().parts_max) + " chunks, segments or blocks");
  return false;
}

bool Inspection::set_canvas(uint64_t width, uint64_t height) {
  report.width = static_cast<uint32_t>(std::min<uint64_t>(width, UINT32_MAX));
  report.height = static_cast<uint32_t>(std::min<uint64_t>(height, UINT32_MAX));
  if (width == 0 || height == 0) {
    invalid("invalid_header", "the picture has no area");
    return false;
  }
  if (width > UINT32_MAX || height > UINT32_MAX || width * height > limits().pixels_max) {
    malicious("huge_dimensions", std::to_string(width) + "x" + std::to_string(height) + " pixels; at most " +
                                     std::to_string(limits().pixels_max) + " pixels are decoded");
    return false;
  }
  return true;
}

bool Inspection::add_frame(uint64_t pixels) {
  ++report.frames;
  frame_pixels += pixels;
  if (report.frames > limits().frames_max) {
    malicious("frame_flood", "more than " + std::to_string(limits().frames_max) + " frames");
    return false;
  }
  if (frame_pixels > limits().animation_pixels_max) {
    malicious("frame_flood",
              "all frames together have more than " + std::to_string(limits().animation_pixels_max) + " pixels");
    return false;
  }
  return true;
}

void Inspection::add_text(std::string_view text) {
  if (text.empty()) return;
  search_payload(text, "metadata");
  if (contains_any(text, kScripts))
    suspicious("metadata_script", "metadata holds markup or code that a page could run");
  const size_t room = limits().text_collected_max - std::min(limits().text_collected_max, report.metadata_text.size());
  if (room == 0) return;
  report.metadata_text.append(text.substr(0, room));
  report.metadata_text += '\n';
}

void Inspection::add_comment(std::string_view text) {
  constexpr std::array<std::string_view, 4> kPages = {"<?php", "<script", "<html", "<!doctype html"};
  if (contains_any(text, kPages)) malicious("polyglot", "a page or script hidden in a comment");
  add_text(text);
}

void Inspection::search_payload(std::string_view block, std::string_view where) {
  if (!may_hold_file(block)) return;
  for (const Magic& magic : kForeignFiles) {
    // Code in readable metadata is flagged as metadata_script; a whole foreign file is never an accident.
    if (where == "metadata" && (magic.what == "PHP code" || magic.bytes.starts_with("#!"))) continue;
    if (block.find(magic.bytes) != std::string_view::npos) {
      malicious("polyglot", std::string(magic.what) + " hidden in " + std::string(where));
      return;
    }
  }
  if (is_windows_program(block)) malicious("polyglot", "a Windows program hidden in " + std::string(where));
}

void Inspection::check_trailing(std::string_view rest) {
  // Cameras pad with zero bytes; that hides nothing.
  while (!rest.empty() && rest.back() == '\0') rest.remove_suffix(1);
  while (!rest.empty() && rest.front() == '\0') rest.remove_prefix(1);
  if (rest.empty()) return;
  search_payload(rest, "the bytes after the end of the picture");
  if (contains_any(rest.substr(0, 64u << 10), kScripts))
    return malicious("polyglot", "a page or script follows the picture");
  if (rest.size() > limits().trailing_bytes_max)
    suspicious("trailing_data", std::to_string(rest.size()) + " bytes follow the end of the picture");
}

std::string Inspection::inflate_text(std::string_view zlib_stream) {
  std::string out;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zlib_stream.data()));
  stream.avail_in = static_cast<uInt>(std::min<size_t>(zlib_stream.size(), UINT32_MAX));
  std::array<char, 16384> buffer;
  uint64_t total = 0;
  bool bomb = false;
  int code = Z_OK;
  while (code == Z_OK && !bomb) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    code = inflate(&stream, Z_NO_FLUSH);
    const size_t got = buffer.size() - stream.avail_out;
    total += got;
    // Texts and profiles shrink to a third or a tenth; what shrinks to a hundredth is filling.
    bomb = total > limits().text_inflated_max ||
           (total > limits().text_ratio_bytes_min && total > limits().text_ratio_max * stream.total_in);
    if (out.size() < limits().text_collected_max) out.append(buffer.data(), got);
    if (got == 0) break;
  }
  inflateEnd(&stream);
  if (!bomb) return out;
  malicious("text_bomb", "a compressed text or profile inflates to more than " + std::to_string(total) + " bytes");
  return {};
}

}  // namespace godseye::guard::image
