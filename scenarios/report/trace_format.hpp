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

/// Of brokers, producers, plain readers and push consumers.
std::string shown_name(const model::Config& config, model::ProcessId process);

/// The record's subject is an intent.
bool is_about_message(const sim::Record& record);

/// It may have to do with any message: faults, crashes, connections, who reads which queue.
bool is_told_around(const sim::Record& record);

/// All events with their fields, as docs/report-format.md shows them (Markdown).
std::string trace_event_table();

}  // namespace brokersim::scenarios
