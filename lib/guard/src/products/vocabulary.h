#pragma once

#include "text/word_set.h"

// Word lists by which mentions of products are told from other capitalised words.
namespace godseye::guard::products {

// Words that stand before a product's name.
const text::WordSet& cue_words();
// What shops write with capitals although it is no product.
const text::WordSet& shop_words();
// Kinds of things that shops sell, for catalogues that do not have them.
const text::WordSet& thing_words();
const text::WordSet& id_cues();
// A number or code after these is no product's.
const text::WordSet& other_code_cues();
// What makes another product of a name when it follows: "Pro", "Max", "II".
const text::WordSet& model_words();

}  // namespace godseye::guard::products
