#include "guard_command.h"
#include "guard_quality_rows.h"

#include <cstdio>
#include <fstream>
#include <iomanip>
#include <istream>
#include <memory>
#include <ostream>
#include <unordered_map>

#include <godseye/guard/answer_json.h>
#include <godseye/guard/drift.h>
#include <godseye/guard/tokens.h>

namespace godseye::app {

namespace {

constexpr int kBadUse = 2;
constexpr int kBadLines = 1;

// What is remembered of a service over the lines of one run: how long its answers are, and how good.
struct ServiceMemory {
  guard::LengthHistory lengths;
  guard::DriftDetector drift;
};

const char* drift_name(guard::Drift drift) {
  return drift == guard::Drift::kNone ? "none" : drift == guard::Drift::kDown ? "down" : "up";
}

class Scorer {
 public:
  base::Status open_catalogue(const std::string& path) {
    if (path.empty()) return base::ok();
    base::Result<std::vector<guard::Product>> rows = read_catalogue_file(path);
    if (!rows) return std::move(rows).error();
    base::Result<std::shared_ptr<const guard::Catalogue>> built = guard::Catalogue::build(*std::move(rows));
    if (!built) return std::move(built).error().within(path);
    catalogue_ = *std::move(built);
    return base::ok();
  }

  std::string score_json(const QualityRow& row) {
    // Forgotten all together rather than one by one: a run over more services than this is no stream of answers.
    if (services_.size() >= kGuardSessionsMax && !services_.contains(row.service)) services_.clear();
    ServiceMemory* memory = row.service.empty() ? nullptr : &services_[row.service];
    const guard::QualityScore score = score_row(row, memory);
    std::string out = '{' + guard::json_members(score);
    out +=
        ",\"grounding\":{" + guard::json_members(guard::score_grounding(row.answer, row.context, row.question)) + '}';
    if (catalogue_ != nullptr) out += ",\"products\":{" + guard::json_members(catalogue_->check(row.answer)) + '}';
    if (!row.model.empty()) out += ",\"tokens\":" + std::to_string(guard::estimate_tokens(row.answer, row.model));
    if (memory != nullptr) {
      memory->lengths.observe(row.answer);
      out += std::string(",\"drift\":\"") + drift_name(memory->drift.observe(score.score)) + '"';
    }
    return out + '}';
  }

  void print(const QualityRow& row, std::ostream& out) {
    const guard::QualityScore score = score_row(row, nullptr);
    const auto line = [&](std::string_view name, double value) {
      out << "  " << std::left << std::setw(14) << name << std::right << std::fixed << std::setprecision(2) << value
          << '\n';
    };
    line("quality", score.score);
    for (size_t i = 0; i < guard::kQualityParts; ++i) {
      if (score.parts[i].measured)
        line(guard::quality_part_name(static_cast<guard::QualityPart>(i)), score.parts[i].value);
    }
    const guard::Grounding grounding = guard::score_grounding(row.answer, row.context, row.question);
    for (const guard::UnsupportedClaim& claim : grounding.unsupported) {
      out << "  not in the context (" << guard::claim_kind_name(claim.kind)
          << "): " << std::string_view(row.answer).substr(claim.start, claim.end - claim.start) << '\n';
    }
    if (catalogue_ == nullptr) return;
    for (const guard::ProductFinding& finding : catalogue_->check(row.answer).mentions) {
      out << "  product " << finding.text << ": " << guard::product_verdict_name(finding.verdict);
      if (!finding.id.empty()) out << " (" << finding.id << ')';
      out << '\n';
    }
  }

 private:
  static guard::QualityScore score_row(const QualityRow& row, const ServiceMemory* memory) {
    return guard::score_quality({.question = row.question,
                                 .context = row.context,
                                 .answer = row.answer,
                                 .finish_reason = row.finish_reason,
                                 .history = memory != nullptr ? &memory->lengths : nullptr,
                                 .engagement = row.has_engagement ? &row.engagement : nullptr});
  }

  std::shared_ptr<const guard::Catalogue> catalogue_;
  std::unordered_map<std::string, ServiceMemory> services_;
};

}  // namespace

int guard_quality(const GuardOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  Scorer scorer;
  if (base::Status opened = scorer.open_catalogue(options.catalogue_file); !opened) {
    err << "godseye guard quality: " << opened.error().message() << '\n';
    return kBadUse;
  }
  if (!options.answer.empty()) {
    QualityRow row;
    row.question = options.question;
    row.context = options.context;
    row.answer = options.answer;
    if (options.json)
      out << scorer.score_json(row) << '\n';
    else
      scorer.print(row, out);
    return 0;
  }
  bool all_good = true;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    base::Result<QualityRow> row =
        base::Error(base::ErrorCode::kTooLarge, "line is longer than " + std::to_string(kGuardLineBytesMax) + " bytes");
    if (line.size() <= kGuardLineBytesMax) row = parse_quality_row(line);
    all_good = all_good && row.has_value();
    out << (row ? scorer.score_json(*row) : "{\"error\":" + guard::json_quoted(row.error().message()) + '}') << '\n';
  }
  out.flush();
  return all_good ? 0 : kBadLines;
}

}  // namespace godseye::app
