// godseye-guard-answers: data and weights of the answer scorers.
//
//   make SEED COUNT               generated questions, contexts and answers as JSON lines, one in five faulty
//   eval FILE [SPLIT]             AUROC and means of the quality score by fault, of rows
//   {"question","context","answer",
//                                 "label": good|bad, "fault"?, "split"?}
//   fit FILE [SPLIT]              weights of the quality combination (src/answer/weights.h), fitted to such rows
//   products COUNT EACH SEED      invented products, prices and stock on a generated catalogue
//   eval-tokens FILE              error of the token estimate on rows {"text","gpt": tokens, "llama": …}
//   fit-tokens FILE               its weights (src/answer/token_weights.h)
#include "../synthetic/answers.h"
#include "../synthetic/catalogue.h"
#include "answer/token_pieces.h"
#include "answer/weights.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>

#include <godseye/guard/evaluate.h>
#include <godseye/guard/quality.h>
#include <godseye/guard/tokens.h>

#include <simdjson.h>

namespace {

using namespace godseye::guard;

struct Row {
  std::string question;
  std::string context;
  std::string answer;
  bool bad = false;
  std::string fault;
};

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

int make(uint64_t seed, size_t count) {
  synthetic::Questioner questioner(seed);
  for (size_t i = 0; i < count; ++i) {
    const synthetic::Answer made = questioner.make_mixed();
    std::printf("{\"question\":%s,\"context\":%s,\"answer\":%s,\"label\":\"%s\",\"fault\":\"%s\"}\n",
                json_text(made.question).c_str(), json_text(made.context).c_str(), json_text(made.answer).c_str(),
                made.fault == synthetic::Fault::kNone ? "good" : "bad", synthetic::fault_name(made.fault));
  }
  return 0;
}

// Calls each(element) for every line; ends the program with a message at a line that is no JSON.
void each_line(const std::string& path, const std::function<void(simdjson::dom::element)>& each) {
  std::ifstream in(path);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  simdjson::dom::parser parser;
  std::string line;
  for (size_t number = 1; std::getline(in, line); ++number) {
    simdjson::dom::element element;
    if (parser.parse(line).get(element) != simdjson::SUCCESS) {
      std::fprintf(stderr, "%s:%zu: not JSON\n", path.c_str(), number);
      std::exit(2);
    }
    each(element);
  }
}

std::string text_of(simdjson::dom::element element, const char* name) {
  std::string_view value;
  return element[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

std::vector<Row> read(const std::string& path, const std::string& split) {
  std::vector<Row> rows;
  each_line(path, [&](simdjson::dom::element element) {
    if (!split.empty() && text_of(element, "split") != split) return;
    rows.push_back({text_of(element, "question"), text_of(element, "context"), text_of(element, "answer"),
                    text_of(element, "label") == "bad", text_of(element, "fault")});
  });
  return rows;
}

QualityScore score(const Row& row) {
  return score_quality({.question = row.question, .context = row.context, .answer = row.answer});
}

int eval(const std::vector<Row>& rows, bool show) {
  std::map<std::string, std::vector<LabelledScore>> by_fault;
  std::map<std::string, std::array<double, kQualityParts>> parts;
  std::vector<LabelledScore> good;
  std::vector<LabelledScore> all;
  double sum_all = 0;
  double sum_good = 0;
  for (const Row& row : rows) {
    const QualityScore scored = score(row);
    all.push_back({1 - scored.score, row.bad});
    const std::string group = row.bad ? row.fault : "good";
    (row.bad ? by_fault[row.fault] : good).push_back(all.back());
    for (size_t i = 0; i < kQualityParts; ++i) parts[group][i] += scored.parts[i].value;
    sum_all += scored.score;
    sum_good += row.bad ? 0 : scored.score;
    const bool wrong = row.bad ? scored.score > 0.6 : scored.score < 0.5;
    if (!show || !wrong) continue;
    std::printf("%s %.2f [%s]", group.c_str(), scored.score, row.question.c_str());
    for (size_t i = 0; i < kQualityParts; ++i) {
      if (scored.parts[i].measured && scored.parts[i].value < 0.95)
        std::printf(" %s=%.2f", quality_part_name(static_cast<QualityPart>(i)).data(), scored.parts[i].value);
    }
    std::printf("\n    %s\n    < %s\n", row.answer.c_str(), row.context.c_str());
  }
  std::printf("%-12s %6s %8s %16s ", "", "rows", "mean", "AUROC");
  for (size_t i = 0; i < kQualityParts; ++i)
    std::printf(" %5.5s", quality_part_name(static_cast<QualityPart>(i)).data());
  std::printf("\n");
  const auto line = [&](const std::string& name, std::vector<LabelledScore> group, const std::string& key) {
    double mean = 0;
    for (const LabelledScore& one : group) mean += 1 - one.score;
    std::printf("%-12s %6zu %8.3f ", name.c_str(), group.size(), mean / static_cast<double>(group.size()));
    if (key != "good") {
      if (key != "all") group.insert(group.end(), good.begin(), good.end());
      const Interval interval = bootstrap_auroc(group, 500, 1);
      std::printf("%.3f (%.3f-%.3f)", auroc(group), interval.low, interval.high);
    } else {
      std::printf("%19s", "");
    }
    if (parts.contains(key)) {
      const double count = static_cast<double>(key == "good" ? good.size() : by_fault[key].size());
      for (const double sum : parts[key]) std::printf(" %5.2f", sum / count);
    }
    std::printf("\n");
  };
  line("good", good, "good");
  for (const auto& [fault, group] : by_fault) line(fault, group, fault);
  line("all", all, "all");
  const double count = static_cast<double>(rows.size());
  const double good_count = std::max<double>(1, static_cast<double>(good.size()));
  const double bad_count = std::max(1.0, count - good_count);
  std::printf("mean of all %.3f, of the good %.3f, of the faulty %.3f\n", sum_all / count, sum_good / good_count,
              (sum_all - sum_good) / bad_count);
  return 0;
}

// Logistic regression by gradient descent, weights held at 0 or above; the two classes count the same.
int fit(const std::vector<Row>& rows) {
  std::vector<std::array<double, kQualityParts>> features;
  for (const Row& row : rows) {
    const QualityScore scored = score(row);
    auto& feature = features.emplace_back();
    for (size_t i = 0; i < kQualityParts; ++i) feature[i] = scored.parts[i].measured ? 1 - scored.parts[i].value : 0;
  }
  double bad = 0;
  for (const Row& row : rows) bad += row.bad;
  const double good = static_cast<double>(rows.size()) - bad;
  double bias = 2;
  std::array<double, kQualityParts> weights = answer::kQualityWeights;
  constexpr double kRidge = 0.0005;
  // Too few rows, or none, speak of the others: their weights are set by hand.
  constexpr std::array kFitted = {QualityPart::kRelevance, QualityPart::kCoherence,  QualityPart::kRepetition,
                                  QualityPart::kRefusal,   QualityPart::kTruncation, QualityPart::kGrounding};
  for (int round = 0; round < 20'000; ++round) {
    double bias_step = 0;
    std::array<double, kQualityParts> step{};
    for (size_t r = 0; r < rows.size(); ++r) {
      double logit = bias;
      for (size_t i = 0; i < kQualityParts; ++i) logit -= weights[i] * features[r][i];
      const double error = 1 / (1 + std::exp(-logit)) - (rows[r].bad ? 0 : 1);
      const double share = error / (rows[r].bad ? bad : good);
      bias_step += share;
      for (size_t i = 0; i < kQualityParts; ++i) step[i] -= share * features[r][i];
    }
    bias -= 0.5 * bias_step;
    for (const QualityPart part : kFitted) {
      const auto i = static_cast<size_t>(part);
      weights[i] = std::max(0.0, weights[i] - 0.5 * (step[i] + kRidge * weights[i]));
    }
  }
  std::printf("inline constexpr double kQualityBias = %.2f;\n", bias);
  for (size_t i = 0; i < kQualityParts; ++i)
    std::printf("    %.2f,  // %s\n", weights[i], quality_part_name(static_cast<QualityPart>(i)).data());
  return 0;
}

int products(size_t count, int each, uint64_t seed) {
  for (const auto naming : {synthetic::Naming::kCoined, synthetic::Naming::kWords}) {
    const std::vector<Product> rows = synthetic::make_catalogue(seed, count, naming);
    const auto catalogue = *Catalogue::build(rows);
    synthetic::AnswerMaker maker(rows, seed + 1, naming);
    std::printf("%s names, %zu products, seed %lu\n%-14s %9s %20s %12s %12s %8s %8s\n",
                naming == synthetic::Naming::kCoined ? "coined" : "plain", count, static_cast<unsigned long>(seed),
                "answers", "", "invented (95 %)", "wrong price", "wrong stock", "p50 us", "p99 us");
    constexpr std::array<const char*, 4> kNames = {"valid", "invented", "wrong price", "wrong stock"};
    for (size_t kind = 0; kind < kNames.size(); ++kind) {
      size_t invalid = 0;
      size_t price = 0;
      size_t stock = 0;
      std::vector<double> times;
      for (int i = 0; i < each; ++i) {
        const std::string text = maker.make(static_cast<synthetic::AnswerKind>(kind)).text;
        const auto start = std::chrono::steady_clock::now();
        const ProductFindings found = catalogue->check(text);
        times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
        invalid += found.invalid > 0;
        price += found.wrong_price > 0;
        stock += found.wrong_stock > 0;
      }
      std::sort(times.begin(), times.end());
      const Interval interval = wilson(invalid, static_cast<size_t>(each));
      std::printf("%-14s %9d  %.4f (%.3f-%.3f) %12.4f %12.4f %8.1f %8.1f\n", kNames[kind], each,
                  static_cast<double>(invalid) / each, interval.low, interval.high, static_cast<double>(price) / each,
                  static_cast<double>(stock) / each, times[times.size() / 2], times[times.size() * 99 / 100]);
    }
  }
  return 0;
}

struct TokenRow {
  std::string text;
  std::array<std::optional<double>, kTokenFamilies> tokens;
};

std::vector<TokenRow> read_tokens(const std::string& path) {
  std::vector<TokenRow> rows;
  each_line(path, [&](simdjson::dom::element element) {
    TokenRow row{text_of(element, "text"), {}};
    for (size_t i = 0; i < kTokenFamilies; ++i) {
      int64_t tokens = 0;
      const std::string name(token_family_name(static_cast<TokenFamily>(i)));
      if (element[name].get(tokens) == simdjson::SUCCESS && tokens > 0) row.tokens[i] = static_cast<double>(tokens);
    }
    rows.push_back(std::move(row));
  });
  return rows;
}

int eval_tokens(const std::vector<TokenRow>& rows) {
  for (size_t family = 0; family < kTokenFamilies; ++family) {
    double relative = 0;
    double said = 0;
    double real = 0;
    std::vector<double> errors;
    for (const TokenRow& row : rows) {
      if (!row.tokens[family]) continue;
      const auto estimate = static_cast<double>(estimate_tokens(row.text, static_cast<TokenFamily>(family)));
      errors.push_back(std::fabs(estimate - *row.tokens[family]) / *row.tokens[family]);
      relative += errors.back();
      said += estimate;
      real += *row.tokens[family];
    }
    if (errors.empty()) continue;
    std::sort(errors.begin(), errors.end());
    std::printf("%-8s %zu texts: mean error %.3f, 95th percentile %.3f, sum of all %+.3f\n",
                token_family_name(static_cast<TokenFamily>(family)).data(), errors.size(),
                relative / static_cast<double>(errors.size()), errors[errors.size() * 95 / 100], said / real - 1);
  }
  return 0;
}

// Least squares on relative errors, by coordinate descent, weights held at 0 or above.
int fit_tokens(const std::vector<TokenRow>& rows) {
  for (size_t family = 0; family < kTokenFamilies; ++family) {
    std::vector<answer::PieceCounts> pieces;
    for (const TokenRow& row : rows) {
      if (!row.tokens[family]) continue;
      auto& counts = pieces.emplace_back(answer::count_pieces(row.text));
      for (double& count : counts) count /= *row.tokens[family];
    }
    if (pieces.empty()) continue;
    answer::PieceCounts weights{};
    std::vector<double> left(pieces.size(), 1);
    for (int round = 0; round < 300; ++round) {
      for (size_t k = 0; k < weights.size(); ++k) {
        double top = 0;
        double bottom = 1e-4;
        for (size_t r = 0; r < pieces.size(); ++r) {
          top += pieces[r][k] * (left[r] + weights[k] * pieces[r][k]);
          bottom += pieces[r][k] * pieces[r][k];
        }
        const double next = std::max(0.0, top / bottom);
        for (size_t r = 0; r < pieces.size(); ++r) left[r] -= (next - weights[k]) * pieces[r][k];
        weights[k] = next;
      }
    }
    std::printf("    // %s\n    {", token_family_name(static_cast<TokenFamily>(family)).data());
    for (size_t k = 0; k < weights.size(); ++k) std::printf("%s%.3g", k > 0 ? ", " : "", weights[k]);
    std::printf("},\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto arg = [&](size_t i) { return i < args.size() ? args[i] : std::string(); };
  const auto count = [&](size_t i) { return std::strtoull(arg(i).c_str(), nullptr, 10); };
  if (arg(0) == "make" && args.size() == 3) return make(count(1), count(2));
  if (arg(0) == "eval" && args.size() >= 2) return eval(read(arg(1), arg(2)), arg(3) == "show");
  if (arg(0) == "fit" && args.size() >= 2) return fit(read(arg(1), arg(2)));
  if (arg(0) == "products" && args.size() == 4) return products(count(1), static_cast<int>(count(2)), count(3));
  if (arg(0) == "eval-tokens" && args.size() == 2) return eval_tokens(read_tokens(arg(1)));
  if (arg(0) == "fit-tokens" && args.size() == 2) return fit_tokens(read_tokens(arg(1)));
  std::fprintf(stderr,
               "usage: godseye-guard-answers make SEED COUNT | eval FILE [SPLIT [show]] | fit FILE [SPLIT] |\n"
               "       products COUNT EACH SEED | eval-tokens FILE | fit-tokens FILE\n");
  return 2;
}
