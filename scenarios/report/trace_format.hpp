// One recorded protocol event as a line of text or of JSON.
#pragma once

#include <string>

#include "model/config.hpp"
#include "sim/recorder.hpp"

namespace brokersim::scenarios {

/// `   3.214567890s  acknowledged       intent 4711  status SEND_OK  offset 1200`
std::string trace_text(sim::SimTime at, const sim::Record& record, const model::Config& config);

/// `{"t_ns":3214567890,"event":"acknowledged","intent":4711,"status":"SEND_OK","offset":1200}`
std::string trace_json(sim::SimTime at, const sim::Record& record, const model::Config& config);

}  // namespace brokersim::scenarios
