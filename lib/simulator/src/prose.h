#pragma once

#include "context.h"

#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/random.h>
#include <godseye/simulator/behaviour.h>

// Texts from a context, before any defect but wrong numbers.
namespace godseye::simulator {

inline constexpr size_t kProductsNamedMax = 3;

struct Prose {
  std::string text;
  std::vector<SeenProduct> products;  // that the text names, as the text says them
};

Prose answer_from(const Context& context, const Behaviour& behaviour, base::Random& random);
std::string refusal(base::Random& random);
std::string reasoning_about(const Context& context);
// At least about `tokens` tokens, by further sentences of the context, then by plain ones; at most that many.
std::string lengthened(std::string text, const Context& context, uint64_t tokens, std::string_view model);

// At most `bytes` bytes, without cutting a character.
std::string first_bytes(std::string_view text, size_t bytes);
// At most about `tokens` tokens.
std::string first_tokens(std::string_view text, uint64_t tokens);

}  // namespace godseye::simulator
