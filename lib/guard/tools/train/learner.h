#pragma once

#include "corpus.h"
#include "inspect.h"

#include <string>
#include <vector>

// Training: the two linear heads by AdaGrad on hashed n-grams, then the combiner by logistic regression on features
// whose linear logits come from models that have not seen the row's group (source and kind), then the curve.
namespace godseye::guard::train {

struct Sample {
  std::vector<Reading> readings;
  FoldFacts facts;
  bool attack = false;
  float weight = 1;
  uint32_t group = 0;
  uint32_t row = 0;  // index of the row it was made from
};

struct Options {
  uint64_t seed = 1;
  int epochs = 4;
  int folds = 5;
  double refuse_rate = 0.01;      // of pooled benign text above 0.7 in cross-validation
  double suspicious_rate = 0.03;  // at or above 0.4
};

struct Trained {
  ModelHead head;
  std::vector<int8_t> weights;
  std::vector<double> held_out_logits;  // by sample: combined logit when its group was held out
};

std::vector<Sample> make_samples(const std::vector<Row>& rows, const Options& options);
Trained train_model(const std::vector<Sample>& samples, const Options& options);

// Highest combined logit over the readings of a sample.
double logit_of(const ModelHead& head, const LinearModel& linear, const Sample& sample);
LinearModel linear_of(const Trained& trained);

}  // namespace godseye::guard::train
