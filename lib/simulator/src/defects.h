#pragma once

#include "context.h"

#include <string>

#include <godseye/base/random.h>
#include <godseye/simulator/behaviour.h>

// Puts an answer's defects into its text: invented products, rambling, insults, leaked instructions, invented personal
// data. Wrong numbers are made where the text is made (prose.h), cutting and refusing where it ends (answer.cpp).
namespace godseye::simulator {

std::string with_defects(std::string text, const Context& context, const Behaviour& behaviour, base::Random& random);

// "Aurelio Trail Kettle QX-4821" with an id of the shape that the context's products have; in no catalogue of ours.
SeenProduct invented_product(const Context& context, base::Random& random);

}  // namespace godseye::simulator
