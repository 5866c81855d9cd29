#pragma once

#include "feature_set.h"
#include "model_file.h"

#include <string_view>
#include <vector>

#include <godseye/guard/inject.h>

// The way from a text to the features of its readings; scorer and trainer walk it together.
namespace godseye::guard {

struct Reading {
  View view;
  std::vector<Hit> hits;
  RuleFacts rules;
};

struct Readings {
  std::vector<Reading> readings;
  FoldFacts facts;
};

// At most kChunkBytes of `text`.
Readings read_text(std::string_view text);

// Combiner: the weighted sum of the features.
double combine(const ModelHead& head, const Features& features);

// What a source adds to the logit, from the rules alone.
double source_shift(Source source, const RuleFacts& rules);

}  // namespace godseye::guard
