#include "guard_command.h"

#include "guard_rows.h"

#include <cmath>
#include <deque>
#include <iomanip>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <unordered_map>

#include <godseye/guard/evaluate.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/json.h>
#include <godseye/guard/pii.h>
#include <godseye/guard/session.h>

namespace godseye::app {

namespace {

constexpr int kBadUse = 2;
constexpr int kBadLines = 1;

// The shipped scorer or the one of --model.
class ChosenScorer {
 public:
  base::Status choose(const std::string& path) {
    if (path.empty()) return base::ok();
    base::Result<guard::InjectScorer> opened = guard::InjectScorer::open(path);
    if (!opened) return std::move(opened).error();
    opened_.emplace(*std::move(opened));
    return base::ok();
  }
  const guard::InjectScorer& get() const { return opened_ ? *opened_ : guard::InjectScorer::shipped(); }

 private:
  std::optional<guard::InjectScorer> opened_;
};

// Sessions by name; the oldest one is forgotten when there are too many.
class Sessions {
 public:
  guard::Session& named(const std::string& name) {
    auto [found, inserted] = sessions_.try_emplace(name);
    if (inserted) {
      order_.push_back(name);
      if (order_.size() > kGuardSessionsMax) {
        sessions_.erase(order_.front());
        order_.pop_front();
      }
    }
    return sessions_[name];
  }

 private:
  std::unordered_map<std::string, guard::Session> sessions_;
  std::deque<std::string> order_;
};

std::string score_json(const guard::InjectScore& score) { return '{' + guard::json_members(score) + '}'; }

std::string pii_json(std::string_view text, bool with_redaction) {
  const std::vector<guard::PiiEntity> entities = guard::find_pii(text);
  std::string out = '{' + guard::json_members(entities);
  if (with_redaction) out += ",\"redacted\":" + guard::json_quoted(guard::redact(text, entities));
  return out + '}';
}

// Calls answer(row) for each line and prints what it returns, or the error in its place.
template <typename Answer>
int for_each_line(std::istream& in, std::ostream& out, Answer answer) {
  bool all_good = true;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    base::Result<std::string> answered =
        base::Error(base::ErrorCode::kTooLarge, "line is longer than " + std::to_string(kGuardLineBytesMax) + " bytes");
    if (line.size() <= kGuardLineBytesMax) {
      base::Result<GuardRow> row = parse_guard_row(line);
      answered = row ? answer(*row) : base::Result<std::string>(row.error());
    }
    all_good = all_good && answered.has_value();
    out << (answered ? *answered : "{\"error\":" + guard::json_quoted(answered.error().message()) + '}') << '\n';
  }
  out.flush();
  return all_good ? 0 : kBadLines;
}

int complain(std::ostream& err, const base::Error& error) {
  err << "godseye guard: " << error.message() << '\n';
  return kBadUse;
}

}  // namespace

int guard_score(const GuardOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  ChosenScorer scorer;
  if (base::Status chosen = scorer.choose(options.model); !chosen) return complain(err, chosen.error());
  for (const std::string& text : options.texts) out << score_json(scorer.get().score(text)) << '\n';
  if (!options.texts.empty()) return 0;
  Sessions sessions;
  return for_each_line(in, out, [&](const GuardRow& row) -> base::Result<std::string> {
    base::Result<guard::Source> source = row.source.empty() ? guard::Source::kUser : guard::parse_source(row.source);
    if (!source) return source.error();
    if (row.session.empty()) return score_json(scorer.get().score(row.text, *source));
    return score_json(sessions.named(row.session).score_turn(scorer.get(), row.text, *source));
  });
}

int guard_pii(const GuardOptions& options, std::istream& in, std::ostream& out, std::ostream&) {
  for (const std::string& text : options.texts) out << pii_json(text, options.redact) << '\n';
  if (!options.texts.empty()) return 0;
  return for_each_line(
      in, out, [&](const GuardRow& row) -> base::Result<std::string> { return pii_json(row.text, options.redact); });
}

int guard_calibrate(const GuardOptions& options, std::ostream& out, std::ostream& err) {
  ChosenScorer scorer;
  if (base::Status chosen = scorer.choose(options.model); !chosen) return complain(err, chosen.error());
  base::Result<std::vector<GuardRow>> benign = read_guard_file(options.benign_file, true);
  if (!benign) return complain(err, benign.error());
  std::vector<guard::LabelledScore> scores;
  for (const GuardRow& row : *benign) {
    if (row.label != "injection") scores.push_back({scorer.get().score(row.text).score, false});
  }
  std::vector<guard::LabelledScore> attacks;
  if (!options.attack_file.empty()) {
    base::Result<std::vector<GuardRow>> rows = read_guard_file(options.attack_file, true);
    if (!rows) return complain(err, rows.error());
    for (const GuardRow& row : *rows) {
      if (row.label != "benign") attacks.push_back({scorer.get().score(row.text).score, true});
    }
  }
  const auto recall = [&](double threshold) {
    return attacks.empty() ? scorer.get().held_out_recall(threshold) : guard::share_above(attacks, threshold, true);
  };
  out << scores.size() << " harmless texts; recall on "
      << (attacks.empty() ? std::string("the training attacks, each scored by a model that had not seen its kind")
                          : std::to_string(attacks.size()) + " attacks of " + options.attack_file)
      << "\nfalse positives  threshold  recall\n";
  for (const double rate : {0.001, 0.002, 0.005, 0.01, 0.02, 0.05}) {
    // Fewer texts than 1 / rate cannot show the rate: say so rather than print the highest score.
    if (rate * static_cast<double>(scores.size()) < 1) {
      out << std::fixed << std::setprecision(1) << std::setw(13) << rate * 100 << " %  needs "
          << static_cast<size_t>(std::ceil(1 / rate)) << " texts\n";
      continue;
    }
    const double threshold = guard::threshold_at(scores, rate);
    out << std::fixed << std::setprecision(1) << std::setw(13) << rate * 100 << " %" << std::setprecision(4)
        << std::setw(11) << threshold << std::setprecision(3) << std::setw(8) << recall(threshold) << '\n';
  }
  for (const double threshold : {guard::kSuspiciousScore, guard::kRefuseScore}) {
    const double share = guard::share_above(scores, threshold, false);
    const guard::Interval interval =
        guard::wilson(static_cast<size_t>(std::lround(share * static_cast<double>(scores.size()))), scores.size());
    out << std::setprecision(1) << "at " << threshold << ": " << std::setprecision(2) << share * 100
        << " % of your texts (95 % interval " << interval.low * 100 << " to " << interval.high * 100 << "), recall "
        << std::setprecision(3) << recall(threshold) << '\n';
  }
  return 0;
}

}  // namespace godseye::app
