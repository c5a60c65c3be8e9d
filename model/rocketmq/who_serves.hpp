// Who serves its set from a record on, where the master is elected: what the monitors call an election. (The
// controller's word comes before the broker hears of it.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/record.hpp"
#include "sim/recorder.hpp"

namespace brokersim::model::rocketmq {

/// The broker that is the master from now on; nothing: the record does not say that anybody is.
constexpr std::optional<std::size_t> who_serves(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  const bool is_elected =
      kind == RecordKind::role_taken && static_cast<RoleTaken>(record.a) == RoleTaken::master;
  if (is_elected || kind == RecordKind::member_serves) return record.subject;
  return std::nullopt;
}

}  // namespace brokersim::model::rocketmq
