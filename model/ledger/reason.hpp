// Which of several causes it was: rows in the order in which they are asked, the first that holds counts. So
// every decision of the judge reads as a list, and exactly one cause comes out of it.
#pragma once

#include <array>
#include <cstddef>

#include "model/ledger/cause.hpp"

namespace brokersim::model::ledger {

template <class Facts>
struct Reason {
  Cause cause;
  bool (*holds)(const Facts&);
};

/// The last row of a list is the one that holds when no other does.
template <class Facts, std::size_t rows>
constexpr Cause first_that_holds(const std::array<Reason<Facts>, rows>& reasons, const Facts& facts) {
  for (std::size_t i = 0; i + 1 < rows; ++i) {
    if (reasons[i].holds(facts)) return reasons[i].cause;
  }
  return reasons.back().cause;
}

}  // namespace brokersim::model::ledger
