// godseye-guard-train: trains the prompt-injection model that `lib/guard/model` ships.
//   godseye-guard-train --train FILE.jsonl [--train ...] --grammar FILE [--generate N] [--seed N]
//                       [--leave-source NAME]... [--eval FILE.jsonl] [--out FILE] [--show-weights]
// The same inputs and seed give the same bytes. --leave-source keeps a source out of training and reports on it.
#include "learner.h"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include <godseye/guard/evaluate.h>

namespace {

using namespace godseye::guard;
using namespace godseye::guard::train;

struct Arguments {
  std::vector<std::string> train;
  std::vector<std::string> eval;
  std::string grammar;
  std::string out;
  size_t generate = 600;
  std::set<std::string> left_out;
  bool show_weights = false;
  Options options;
};

bool parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--show-weights") {
      arguments.show_weights = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    const std::string value = argv[++i];
    if (name == "--train")
      arguments.train.push_back(value);
    else if (name == "--eval")
      arguments.eval.push_back(value);
    else if (name == "--grammar")
      arguments.grammar = value;
    else if (name == "--generate")
      arguments.generate = std::stoul(value);
    else if (name == "--seed")
      arguments.options.seed = std::stoull(value);
    else if (name == "--epochs")
      arguments.options.epochs = std::stoi(value);
    else if (name == "--refuse-rate")
      arguments.options.refuse_rate = std::stod(value);
    else if (name == "--leave-source")
      arguments.left_out.insert(value);
    else if (name == "--out")
      arguments.out = value;
    else
      return false;
  }
  return !arguments.train.empty() || !arguments.grammar.empty();
}

void print_line(const std::string& name, const std::vector<LabelledScore>& rows, double threshold) {
  size_t attacks = 0;
  for (const auto& row : rows) attacks += row.attack;
  std::cout << std::left << std::setw(44) << name << std::right << std::setw(7) << attacks << std::setw(7)
            << rows.size() - attacks << std::fixed << std::setprecision(4) << "  auroc " << auroc(rows)
            << "  recall@1% " << share_above(rows, threshold_at(rows, 0.01), true) << "  recall@0.7 "
            << share_above(rows, threshold, true) << "  fpr@0.7 " << share_above(rows, threshold, false) << '\n';
}

void report(const std::string& title, const std::vector<Row>& rows, const std::vector<double>& logits,
            double threshold) {
  std::map<std::string, std::vector<LabelledScore>> parts;
  std::vector<LabelledScore> benign;
  std::vector<LabelledScore> all;
  for (size_t i = 0; i < rows.size(); ++i) {
    const LabelledScore score{logits[i], rows[i].attack};
    all.push_back(score);
    parts[rows[i].source + '/' + rows[i].kind].push_back(score);
    if (!rows[i].attack) benign.push_back(score);
  }
  std::cout << "== " << title << '\n';
  print_line("all", all, threshold);
  for (auto& [name, scores] : parts) {
    if (scores.front().attack) scores.insert(scores.end(), benign.begin(), benign.end());
    print_line("  " + name, scores, threshold);
  }
}

std::vector<double> score_rows(const std::vector<Row>& rows, const Trained& trained) {
  const LinearModel linear = linear_of(trained);
  std::vector<double> logits;
  for (const Row& row : rows) {
    Readings readings = read_text(row.text);
    Sample sample;
    sample.readings = std::move(readings.readings);
    sample.facts = readings.facts;
    logits.push_back(logit_of(trained.head, linear, sample));
  }
  return logits;
}

int run(const Arguments& arguments) {
  std::vector<Row> rows;
  std::vector<Row> kept_out;
  const auto add = [&](std::vector<Row> more) {
    for (Row& row : more) (arguments.left_out.contains(row.source) ? kept_out : rows).push_back(std::move(row));
  };
  for (const std::string& path : arguments.train) {
    auto more = read_jsonl(path);
    if (!more) return std::cerr << more.error().message() << '\n', 1;
    add(*std::move(more));
  }
  if (!arguments.grammar.empty()) {
    auto more = generate(arguments.grammar, arguments.generate, arguments.options.seed);
    if (!more) return std::cerr << more.error().message() << '\n', 1;
    std::cerr << more->size() << " rows from the grammar\n";
    add(*std::move(more));
  }
  const std::vector<Sample> samples = make_samples(rows, arguments.options);
  std::cerr << rows.size() << " rows, " << samples.size() << " samples\n";
  const Trained trained = train_model(samples, arguments.options);
  const double refuse = trained.head.curve[3].logit;
  std::vector<Row> sample_rows;
  for (const Sample& sample : samples)
    sample_rows.push_back({"", sample.attack, rows[sample.row].kind, rows[sample.row].source});
  report("held-out groups of the training rows", sample_rows, trained.held_out_logits, refuse);
  std::vector<LabelledScore> of_files;
  for (size_t i = 0; i < sample_rows.size(); ++i) {
    if (sample_rows[i].source != "grammar") of_files.push_back({trained.held_out_logits[i], sample_rows[i].attack});
  }
  if (!of_files.empty()) print_line("all but the grammar", of_files, refuse);
  if (!kept_out.empty()) report("sources left out", kept_out, score_rows(kept_out, trained), refuse);
  for (const std::string& path : arguments.eval) {
    auto eval_rows = read_jsonl(path);
    if (!eval_rows) return std::cerr << eval_rows.error().message() << '\n', 1;
    report(path, *eval_rows, score_rows(*eval_rows, trained), refuse);
  }
  if (arguments.show_weights) {
    for (size_t i = 0; i < kFeatureCount; ++i) std::cout << feature_name(i) << ' ' << trained.head.weights[i] << '\n';
  }
  if (!arguments.out.empty()) {
    std::ofstream file(arguments.out, std::ios::binary);
    const std::string bytes = write_model(trained.head, trained.weights);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file) return std::cerr << "cannot write " << arguments.out << '\n', 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::cerr
        << "usage: godseye-guard-train --train FILE.jsonl [--grammar FILE] [--generate N] [--seed N] [--epochs N]\n"
           "                           [--leave-source NAME] [--eval FILE.jsonl] [--out FILE] [--show-weights]\n";
    return 2;
  }
  return run(arguments);
}
