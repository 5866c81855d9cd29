#include "assets.h"
#include "inspect.h"
#include "utf8.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <godseye/guard/inject.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace godseye::guard {

namespace {

constexpr size_t kChunkOverlap = 1024;  // a payload across a cut is whole in one of the two pieces

// What `score` keeps of the piece and reading that decided.
struct Best {
  double logit = -100;
  Reading reading;
  LinearScores linear;
};

void add_reasons(const Best& best, double shift, InjectScore& out) {
  std::vector<std::pair<float, std::string>> found;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const float strength = best.reading.rules.strength[i];
    if (strength >= 0.3f) found.emplace_back(strength, family_name(static_cast<Family>(i)));
  }
  for (uint32_t bit = 1; bit < (1u << kDisguiseCount); bit <<= 1) {
    if ((best.reading.view.disguises & bit) == 0) continue;
    const bool invisible = (bit & (kTagged | kInvisible | kLookalike)) != 0;
    found.emplace_back(0.9f, std::string(invisible ? "disguise:" : "decoded:") + std::string(disguise_name(bit)));
  }
  if (best.linear.whole > 0) found.emplace_back(std::min(0.95f, best.linear.whole / 6), "model:text");
  if (best.linear.window_max > 0 && best.linear.windows > 1) {
    found.emplace_back(std::min(0.95f, best.linear.window_max / 6), "model:window");
  }
  if (shift > 0.5) found.emplace_back(0.2f, "source");
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  for (auto& [strength, name] : found) out.reasons.push_back(std::move(name));
}

}  // namespace

struct InjectScorer::Impl {
  Model model;
  void* mapped = nullptr;  // of `open`; nullptr for the shipped model
  size_t mapped_bytes = 0;

  ~Impl() {
    if (mapped != nullptr) munmap(mapped, mapped_bytes);
  }
};

InjectScorer::InjectScorer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InjectScorer::InjectScorer(InjectScorer&&) noexcept = default;
InjectScorer& InjectScorer::operator=(InjectScorer&&) noexcept = default;
InjectScorer::~InjectScorer() = default;

const InjectScorer& InjectScorer::shipped() {
  static const InjectScorer* scorer = [] {
    base::Result<Model> model = parse_model(assets::model());
    GE_ASSERT(model.has_value(), "the shipped model fits the program it is inside of");
    auto impl = std::make_unique<Impl>();
    impl->model = *model;
    return new InjectScorer(std::move(impl));  // never destroyed: threads may still score while statics go
  }();
  return *scorer;
}

base::Result<InjectScorer> InjectScorer::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return base::errno_error("opening guard model " + path, errno);
  struct stat status{};
  if (fstat(file, &status) != 0 || status.st_size <= 0) {
    ::close(file);
    return base::Error(base::ErrorCode::kCorrupt, "guard model " + path + " is empty or not a file");
  }
  const auto bytes = static_cast<size_t>(status.st_size);
  void* mapped = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (mapped == MAP_FAILED) return base::errno_error("mapping guard model " + path, errno);
  auto impl = std::make_unique<Impl>();
  impl->mapped = mapped;
  impl->mapped_bytes = bytes;
  base::Result<Model> model = parse_model({static_cast<const char*>(mapped), bytes});
  if (!model) return std::move(model).error().within(path);
  impl->model = *model;
  return InjectScorer(std::move(impl));
}

InjectScore InjectScorer::score(std::string_view text, Source source) const {
  InjectScore out;
  if (text.size() > kTextBytesMax) {
    text = text.substr(0, utf8::floor_boundary(text, kTextBytesMax));
    out.truncated = true;
  }
  Best best;
  for (size_t at = 0; at < text.size();) {
    const std::string_view piece = text.substr(at, utf8::floor_boundary(text.substr(at), kChunkBytes));
    Readings readings = read_text(piece);
    for (Reading& reading : readings.readings) {
      if (reading.view.text.empty()) continue;
      const LinearScores linear = linear_scores(impl_->model.linear, reading.view.text, reading.hits);
      const Features features = features_of(reading.view, readings.facts, reading.rules, linear);
      const double logit = combine(impl_->model.head, features) + source_shift(source, reading.rules);
      if (logit > best.logit) best = {logit, std::move(reading), linear};
    }
    if (at + piece.size() >= text.size()) break;
    const size_t step = utf8::floor_boundary(text.substr(at), piece.size() - kChunkOverlap);
    at += step > 0 ? step : piece.size();
  }
  if (best.logit <= -100) return out;  // nothing to read
  out.logit = best.logit;
  out.score = score_of_logit(best.logit);
  out.label = label_of(out.score);
  add_reasons(best, source_shift(source, best.reading.rules), out);
  return out;
}

double InjectScorer::score_of_logit(double logit) const { return curve_at(impl_->model.head.curve, logit); }

double InjectScorer::held_out_recall(double score) const {
  size_t above = 0;
  for (const float logit : impl_->model.head.attack_logits) above += score_of_logit(logit) > score;
  return static_cast<double>(above) / kAttackQuantiles;
}

base::Result<Source> parse_source(std::string_view word) {
  if (word == "user") return Source::kUser;
  if (word == "document") return Source::kDocument;
  if (word == "tool") return Source::kTool;
  return base::Error(base::ErrorCode::kInvalidArgument, "source must be user, document or tool");
}

std::string_view label_name(Label label) {
  switch (label) {
    case Label::kBenign:
      return "benign";
    case Label::kSuspicious:
      return "suspicious";
    case Label::kInjection:
      return "injection";
  }
  return "benign";
}

Label label_of(double score) {
  if (score > kRefuseScore) return Label::kInjection;
  return score >= kSuspiciousScore ? Label::kSuspicious : Label::kBenign;
}

}  // namespace godseye::guard
