#include "guard_flags.h"

#include <iostream>

namespace godseye::app {

void GuardFlags::add_to(CLI::App& program) {
  guard_ = program.add_subcommand("guard", "Score texts and answers, inspect images, calibrate and evaluate");
  guard_->require_subcommand(1);
  score_ = guard_->add_subcommand("score", "Prompt injection: JSON lines on standard input, or texts as arguments");
  pii_ =
      guard_->add_subcommand("pii", "Personal data and secrets: JSON lines on standard input, or texts as arguments");
  for (CLI::App* command : {score_, pii_}) {
    command->add_flag("--jsonl", jsonl_, "read {\"text\": …} lines from standard input (the default without texts)");
    command->add_option("text", options_.texts, "texts");
  }
  pii_->add_flag("--redact", options_.redact, "also print the text with each entity replaced by its type");
  add_quality();
  image_ = guard_->add_subcommand("image", "Inspect image files: structure, metadata; pixels with --decode");
  image_->add_option("file", options_.image_files, "files")->required()->type_name("FILE");
  image_->add_flag("--decode", options_.decode, "also decode every pixel, in a sandboxed child");
  calibrate_ =
      guard_->add_subcommand("calibrate", "Thresholds for your own harmless traffic, and the recall they cost");
  calibrate_->add_option("--benign", options_.benign_file, "harmless texts: JSON lines or plain lines")
      ->required()
      ->type_name("FILE");
  calibrate_->add_option("--attacks", options_.attack_file, "attacks to measure recall on")->type_name("FILE");
  CLI::App* eval = guard_->add_subcommand(
      "eval", "Table and ROC for a labelled file (or a table of personal data for rows with spans)");
  eval->add_option("file", options_.eval_file, "JSON lines with text, label or spans, kind, source")
      ->required()
      ->type_name("FILE");
  eval->add_option("--svg", options_.svg_file, "where the ROC goes")->type_name("FILE");
  eval->add_option("--rounds", options_.bootstrap_rounds, "bootstrap rounds");
  eval->add_option("--seed", options_.seed, "of the bootstrap");
  for (CLI::App* command : {score_, calibrate_, eval}) {
    command->add_option("--model", options_.model, "a model of godseye-guard-train instead of the shipped one")
        ->type_name("FILE");
  }
}

void GuardFlags::add_quality() {
  quality_ = guard_->add_subcommand("quality", "Quality of answers by named parts, grounding, products, drift");
  quality_->add_flag("--jsonl", jsonl_,
                     "read {\"question\", \"context\", \"answer\"} lines (the default without --answer)");
  quality_->add_option("--question", options_.question, "what was asked")->type_name("TEXT");
  quality_->add_option("--context", options_.context, "what the model was given to answer from")->type_name("TEXT");
  quality_->add_option("--answer", options_.answer, "score this answer instead of lines")->type_name("TEXT");
  quality_
      ->add_option(
          "--catalogue", options_.catalogue_file,
          "products as JSON lines (id, name, brand, price, currency, attributes, stock): say which are invented")
      ->type_name("FILE");
  quality_->add_flag("--json", options_.json, "with --answer: print JSON, as for lines");
  quality_->footer(
      "Lines may also carry finish_reason, model (adds a token count), service (length history and drift over the "
      "run)\n"
      "and engagement {shown, clicked, converted, rating}. One line comes out for each that goes in.\n\n"
      "Examples:\n"
      "  godseye guard quality --question 'How long can I return it?' --context 'Returns: 30 days.' --answer '30 "
      "days.'\n"
      "  godseye guard quality --catalogue products.jsonl --answer 'Take the Fjellby Lamp for $20.' --json\n"
      "  godseye guard quality < answers.jsonl | jq .score");
}

int GuardFlags::run() const {
  std::ios::sync_with_stdio(false);
  if (score_->parsed()) return guard_score(options_, std::cin, std::cout, std::cerr);
  if (pii_->parsed()) return guard_pii(options_, std::cin, std::cout, std::cerr);
  if (quality_->parsed()) return guard_quality(options_, std::cin, std::cout, std::cerr);
  if (image_->parsed()) return guard_image(options_, std::cout);
  if (calibrate_->parsed()) return guard_calibrate(options_, std::cout, std::cerr);
  return guard_eval(options_, std::cout, std::cerr);
}

}  // namespace godseye::app
