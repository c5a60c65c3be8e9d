// `--set path=value`, applied to the document before it is read, so that an override is checked like
// anything else in the file.
#pragma once

#include <span>

#include "scenarios/read/problems.hpp"
#include "scenarios/read/value.hpp"

namespace brokersim::scenarios::read {

void apply(std::span<const Override> overrides, Value& document, Problems& problems);

}  // namespace brokersim::scenarios::read
