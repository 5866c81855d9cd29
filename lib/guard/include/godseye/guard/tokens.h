#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// How many tokens a text costs, estimated without any vendor's vocabulary: the text is cut into the pieces that
// byte-pair tokenizers cut it into first (words with their space, digit groups, runs of signs, line breaks, single
// characters of other scripts), and each piece costs what pieces of its class and length cost on average in the family.
// The coefficients were fitted per family on texts in several languages, code and numbers; `token_error` states the
// error that was measured on other texts (docs/guard.md has the table). Bills come from the provider's own usage
// numbers: this is for texts without them, budgets before the call, and cross-checks.
//
// Pure functions, any thread, one pass; any bytes are allowed (an invalid byte costs what a byte token costs).
namespace godseye::guard {

enum class TokenFamily : uint8_t {
  kGpt,      // o200k: gpt-4o, gpt-4.1, gpt-5, o-series
  kGptOld,   // cl100k: gpt-4, gpt-3.5, text-embedding-3
  kClaude,   // claude-*
  kGemini,   // gemini-*, gemma-*
  kLlama,    // llama-3 and later
  kMistral,  // mistral-*, mixtral-*, llama-1 and -2: 32,000 SentencePiece tokens
  kOther,    // anything else; counted as kGpt with a wider error
};
inline constexpr size_t kTokenFamilies = 7;

// "gpt", "gpt-old", "claude", "gemini", "llama", "mistral", "other".
std::string_view token_family_name(TokenFamily family);

// By the model's name as requests carry it, in any case, with or without a provider in front ("openai/gpt-4o-mini",
// "us.anthropic.claude-3-5-sonnet", "meta-llama/Llama-3.1-8B"). Unknown names are kOther.
TokenFamily token_family(std::string_view model);

// Tokens of the bare text: no message framing, no special tokens. 0 for an empty text, else at least 1.
uint64_t estimate_tokens(std::string_view text, TokenFamily family);
uint64_t estimate_tokens(std::string_view text, std::string_view model);

// Mean relative error of the estimate for a text of a few hundred tokens, as a fraction (0.1 is 10 %): what was
// measured where a tokenizer of the family is public, a cautious figure where none is (kClaude, kGemini, kOther).
double token_error(TokenFamily family);

}  // namespace godseye::guard
