#pragma once

#include "answer/token_pieces.h"

#include <array>

// Tokens per piece by family, in the order of PieceKind. Written by `godseye-guard-answers fit-tokens` (docs/guard.md);
// the last one, a byte that is no UTF-8, is set by hand. kGemini and kOther are counted as kGpt: no table of theirs was
// at hand.
namespace godseye::guard::answer {

using PieceWeights = std::array<double, kPieceKinds>;

inline constexpr PieceWeights kGptWeights = {0.977, 1.42,  0.0346, 0.0475, 0.304, 1.22, 0,     1.35, 0.788, 0.249, 0,
                                             1.13,  0.988, 0.172,  0.281,  0.777, 0.57, 0.351, 1.07, 2.55,  1};
inline constexpr PieceWeights kGptOldWeights = {0.987, 1.54, 0.0355, 0,     0.301, 1.24, 0,     1.32, 0.816, 0.169, 0,
                                                1.07,  1.75, 0.37,   0.518, 1.05,  1.01, 0.981, 1.25, 3.04,  1};
inline constexpr PieceWeights kClaudeWeights = {0.986, 1.56,  0.0593, 0,     0.406, 1.22,  0.172,
                                                0.739, 0.927, 0.235,  0.254, 1.09,  2.74,  0.34,
                                                0.604, 0.968, 1.07,   1.21,  1.68,  0.523, 1};
inline constexpr PieceWeights kLlamaWeights = {0.986, 1.55,  0.0345, 0,     0.303, 1.21,  0,     1.32, 0.816, 0.173, 0,
                                               1.07,  0.786, 0.47,   0.375, 0.8,   0.665, 0.485, 1.38, 3.04,  1};
inline constexpr PieceWeights kMistralWeights = {1.01,  1.73,  0.099, 0.0309, 0.548, 1.11, 0.911,
                                                 0.507, 0.991, 0.255, 0.409,  0.912, 2.75, 0.267,
                                                 0.5,   1.01,  1.17,  1.11,   1.31,  3.45, 1};

inline constexpr std::array<PieceWeights, kTokenFamilies> kTokenWeights = {
    kGptWeights, kGptOldWeights, kClaudeWeights, kGptWeights, kLlamaWeights, kMistralWeights, kGptWeights};
// Mean relative error: measured for gpt, gpt-old, llama and mistral; cautious for the rest.
inline constexpr std::array<double, kTokenFamilies> kTokenErrors = {0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.25};

}  // namespace godseye::guard::answer
