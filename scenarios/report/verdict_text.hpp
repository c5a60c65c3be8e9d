// What became of one message, as words: the last line of a trace, the end of an explanation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/config.hpp"
#include "model/ledger/outcome.hpp"

namespace brokersim::scenarios {

/// Per judged group (ledger/judge.hpp); nothing where the message does not concern the group.
using Outcomes = std::vector<std::optional<model::ledger::Outcome>>;

/// `billing`; of the log: empty.
std::string judged_name(const model::Config& config, std::size_t group);

/// `duplicated`, `late` ...
std::vector<std::string> flags_of(const model::ledger::Outcome& outcome);

/// The cause that says why the message is as it is: of its class, else of having vanished or of being
/// doubled.
model::ledger::Cause telling_cause(const model::ledger::Outcome& outcome);

/// `verdict for group billing: lost, vanished; cause storage.unflushed_tail; window 143 ms; closes it: ...`
std::string verdict_line(const model::ledger::Outcome& outcome, const std::string& group);

/// The same as members of a JSON object, without its braces; `"group":null` is the log.
std::string verdict_json(const model::ledger::Outcome& outcome, const std::string& group);

/// The same in several lines, with the sentences of the causes.
std::string verdict_paragraph(const model::ledger::Outcome& outcome, const std::string& group);

}  // namespace brokersim::scenarios
