#include "guard_command.h"
#include "guard_rows.h"

#include <cstdio>
#include <fstream>
#include <iomanip>
#include <map>
#include <optional>
#include <ostream>

#include <godseye/guard/evaluate.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/pii.h>

namespace godseye::app {

namespace {

constexpr int kBadUse = 2;

std::string with_interval(double value, guard::Interval interval) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.4f (%.3f-%.3f)", value, interval.low, interval.high);
  return buffer;
}

struct Scored {
  guard::LabelledScore score;
  const GuardRow* row;
};

void print_group(std::ostream& out, const std::string& name, const std::vector<guard::LabelledScore>& group,
                 const std::vector<guard::LabelledScore>& benign, const GuardOptions& options) {
  size_t attacks = 0;
  for (const auto& row : group) attacks += row.attack;
  std::vector<guard::LabelledScore> compared = group;
  // A kind of attack is measured against all harmless texts, at the threshold that they give.
  if (attacks == group.size()) compared.insert(compared.end(), benign.begin(), benign.end());
  const size_t harmless = group.size() - attacks;
  out << std::left << std::setw(40) << name << std::right << std::setw(7) << attacks << std::setw(7) << harmless;
  if (attacks > 0 && !benign.empty()) {
    out << "  "
        << with_interval(guard::auroc(compared),
                         guard::bootstrap_auroc(compared, options.bootstrap_rounds, options.seed))
        << "  "
        << with_interval(guard::share_above(compared, guard::threshold_at(compared, 0.01), true),
                         guard::bootstrap_recall(compared, 0.01, options.bootstrap_rounds, options.seed));
  } else {
    out << "  " << std::setw(20) << "-" << "  " << std::setw(20) << "-";
  }
  const auto share = [&](double threshold, bool attack, size_t count) {
    if (count == 0) return std::string("-");
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.4f", guard::share_above(group, threshold, attack));
    return std::string(buffer);
  };
  out << std::setw(9) << share(guard::kRefuseScore, true, attacks) << std::setw(9)
      << share(guard::kRefuseScore, false, harmless) << std::setw(9) << share(guard::kSuspiciousScore, true, attacks)
      << std::setw(9) << share(guard::kSuspiciousScore, false, harmless) << '\n';
}

int eval_injection(const std::vector<GuardRow>& rows, const guard::InjectScorer& scorer, const GuardOptions& options,
                   std::ostream& out, std::ostream& err) {
  std::map<std::string, std::vector<guard::LabelledScore>> groups;
  std::vector<guard::LabelledScore> all;
  std::vector<guard::LabelledScore> benign;
  std::map<std::string, std::vector<guard::LabelledScore>> splits;
  for (const GuardRow& row : rows) {
    if (row.label != "injection" && row.label != "benign") {
      err << "godseye guard: every row needs \"label\": \"injection\" or \"benign\"\n";
      return kBadUse;
    }
    const base::Result<guard::Source> source = guard::parse_source(row.source);
    const guard::LabelledScore score{scorer.score(row.text, source ? *source : guard::Source::kUser).score,
                                     row.label == "injection"};
    all.push_back(score);
    if (!score.attack) benign.push_back(score);
    if (!row.split.empty()) splits["split " + row.split].push_back(score);
    groups[row.kind + " / " + row.source].push_back(score);
  }
  out << std::left << std::setw(40) << "rows" << std::right << std::setw(7) << "attack" << std::setw(7) << "benign"
      << "  AUROC (95 %)          recall at 1 % FPR (95 %)"
      << "  >0.7 att" << " >0.7 ben" << " >0.4 att" << " >0.4 ben" << '\n';
  print_group(out, "all", all, benign, options);
  for (const auto& [name, group] : splits) print_group(out, name, group, benign, options);
  for (const auto& [name, group] : groups) print_group(out, name, group, benign, options);
  std::ofstream svg(options.svg_file);
  svg << guard::roc_svg(all, options.eval_file.substr(options.eval_file.find_last_of('/') + 1));
  if (!svg) {
    err << "godseye guard: cannot write " << options.svg_file << '\n';
    return kBadUse;
  }
  out << "ROC: " << options.svg_file << '\n';
  return 0;
}

struct Counts {
  size_t right = 0;
  size_t found = 0;
  size_t wanted = 0;
};

void print_counts(std::ostream& out, const std::string& name, const Counts& counts) {
  const double precision = counts.found > 0 ? static_cast<double>(counts.right) / static_cast<double>(counts.found) : 1;
  const double recall = counts.wanted > 0 ? static_cast<double>(counts.right) / static_cast<double>(counts.wanted) : 1;
  char buffer[160];
  std::snprintf(buffer, sizeof buffer, "%-24s %6zu wanted %6zu found   precision %.3f   recall %.3f\n", name.c_str(),
                counts.wanted, counts.found, precision, recall);
  out << buffer;
}

// Exact spans in bytes and the same type, or it is wrong. PERSON apart.
int eval_pii(const std::vector<GuardRow>& rows, std::ostream& out) {
  std::map<std::string, Counts> types;
  std::map<std::string, Counts> kinds;
  Counts all;
  size_t negatives = 0;
  size_t flagged = 0;
  for (const GuardRow& row : rows) {
    bool any = false;
    const auto count = [&](const std::string& type, auto field) {
      ++(types[type].*field);
      if (type == "PERSON") return;
      ++(all.*field);
      ++(kinds["kind " + row.kind].*field);
      for (const std::string& disguise : row.disguise) ++(kinds["disguise " + disguise].*field);
    };
    for (const GuardSpan& span : row.spans) count(span.type, &Counts::wanted);
    for (const guard::PiiEntity& entity : guard::find_pii(row.text)) {
      const std::string type(guard::pii_type_name(entity.type));
      any = any || type != "PERSON";
      count(type, &Counts::found);
      for (const GuardSpan& span : row.spans) {
        if (span.type == type && span.start == entity.start && span.end == entity.end) count(type, &Counts::right);
      }
    }
    if (row.kind == "hard_negative") {
      ++negatives;
      flagged += any;
    }
  }
  print_counts(out, "all without PERSON", all);
  for (const auto& [name, counts] : types) print_counts(out, name, counts);
  for (const auto& [name, counts] : kinds) print_counts(out, name, counts);
  const guard::Interval interval = guard::wilson(flagged, negatives);
  out << "look-alikes flagged: " << flagged << " of " << negatives << std::fixed << std::setprecision(3)
      << " (95 % interval " << interval.low << " to " << interval.high << ")\n";
  return 0;
}

}  // namespace

int guard_eval(const GuardOptions& options, std::ostream& out, std::ostream& err) {
  base::Result<std::vector<GuardRow>> rows = read_guard_file(options.eval_file, false);
  if (!rows) {
    err << "godseye guard: " << rows.error().message() << '\n';
    return kBadUse;
  }
  if (rows->front().has_spans) return eval_pii(*rows, out);
  std::optional<guard::InjectScorer> opened;
  if (!options.model.empty()) {
    base::Result<guard::InjectScorer> scorer = guard::InjectScorer::open(options.model);
    if (!scorer) {
      err << "godseye guard: " << scorer.error().message() << '\n';
      return kBadUse;
    }
    opened.emplace(*std::move(scorer));
  }
  return eval_injection(*rows, opened ? *opened : guard::InjectScorer::shipped(), options, out, err);
}

}  // namespace godseye::app
