#include "scenarios/report/explain.hpp"

#include <algorithm>
#include <cstdio>

#include "model/record.hpp"
#include "scenarios/read/fault_words.hpp"
#include "scenarios/report/format.hpp"
#include "scenarios/report/trace_format.hpp"

namespace brokersim::scenarios {

using model::RecordKind;
using model::ledger::Class;

namespace {

/// What takes a message, or ends its half message without one.
bool takes(const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  return kind == RecordKind::copy_lost || kind == RecordKind::half_lost ||
         kind == RecordKind::half_discarded || kind == RecordKind::returned_lost ||
         kind == RecordKind::work_failed;
}

/// `   3.518 s  `
std::string clock(sim::SimTime at) {
  char text[48];
  const std::int64_t milliseconds = (at.ns + 500'000) / 1'000'000;
  std::snprintf(text, sizeof text, "%5lld.%03lld s  ", static_cast<long long>(milliseconds / 1000),
                static_cast<long long>(milliseconds % 1000));
  return text;
}

/// What happened around the message stands apart, by a mark that the eye can follow; where nothing happened
/// for a while, a line is left free.
std::string paragraphs(const std::vector<Sentence>& sentences) {
  constexpr std::int64_t pause_ns = 1'000'000'000;
  std::string text;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const Sentence& sentence = sentences[i];
    if (i > 0 && (sentence.at - sentences[i - 1].at).ns > pause_ns) text += "\n";
    text += clock(sentence.at) + (sentence.own ? "" : "| ") + sentence.text + "\n";
  }
  return text;
}

/// What became of it is no event of its own: something that is still to come never did.
bool waits(const Outcomes& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
    return outcome && (outcome->outcome == Class::lost || outcome->outcome == Class::stuck);
  });
}

/// When the last of the groups lost it; before all time: none did.
sim::SimTime lost_at(const Outcomes& outcomes) {
  sim::SimTime last{-1};
  for (const auto& outcome : outcomes) last = std::max(last, outcome ? outcome->taken : last);
  return last;
}

std::string sentence_json(const Sentence& sentence) {
  return "{\"t_ns\":" + std::to_string(sentence.at.ns) + ",\"text\":\"" + json_escaped(sentence.text) + "\"}";
}

std::string list_json(const std::vector<Sentence>& sentences) {
  std::string list;
  for (const Sentence& sentence : sentences)
    list += (list.empty() ? "\n    " : ",\n    ") + sentence_json(sentence);
  return list.empty() ? "[]" : "[" + list + "]";
}

std::string verdicts_json(const model::Config& config, const Outcomes& outcomes) {
  std::string list;
  for (std::size_t g = 0; g < outcomes.size(); ++g) {
    if (!outcomes[g]) continue;
    list +=
        (list.empty() ? "\n    {" : ",\n    {") + verdict_json(*outcomes[g], judged_name(config, g)) + "}";
  }
  return "[" + list + "]";
}

/// What such a fault does is done at once.
bool is_over_at_once(model::FaultKind kind) {
  return kind == model::FaultKind::reset || kind == model::FaultKind::response_lost ||
         kind == model::FaultKind::create_topic || kind == model::FaultKind::restart;
}

/// `10.000 s`
std::string when(sim::SimTime at) {
  const std::string text = clock(at);
  const std::size_t first = text.find_first_not_of(' ');
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

}  // namespace

void Story::keep_standing(sim::SimTime at, const sim::Record& record, const std::string& text) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::healed) standing_.clear();
  if (kind == RecordKind::fault_restored)
    std::erase_if(standing_,
                  [&](const Standing& s) { return s.fault == record.subject && s.action == record.b; });
  const auto fault = static_cast<model::FaultKind>(record.a);
  if (kind != RecordKind::fault_struck || is_over_at_once(fault)) return;
  standing_.push_back({record.subject, record.b, {at, text}, read::word_of(fault).text});
}

/// What is as it is when the message begins.
void Story::begin(sim::SimTime at) {
  begun_ = at;
  for (const Standing& fault : standing_) {
    faults_.push_back(fault.told);
    told_.push_back({at, "Fault " + std::to_string(fault.fault) + " of the scenario is in force since " +
                             when(fault.told.at) + ": " + std::string(fault.what) + "."});
  }
  for (std::string& line : teller_.masters()) told_.push_back({at, std::move(line)});
}

void Story::on(sim::SimTime at, const sim::Record& record) {
  const auto kind = static_cast<RecordKind>(record.kind);
  if (kind == RecordKind::send_begun) ++messages_;
  const bool own = is_about_message(record) && record.subject == message_;
  auto text = teller_.sentence(at, record);
  if (begun_.ns < 0) keep_standing(at, record, text.value_or(""));
  if (own && begun_.ns < 0) begin(at);
  if (own) last_ = at;
  if (own && takes(record)) taken_ = at;
  if (!text || begun_.ns < 0) return;
  if (kind == RecordKind::fault_struck) faults_.push_back({at, *text});
  told_.push_back({at, std::move(*text), own});
}

std::vector<Sentence> Story::sentences(bool waits_for_more) const {
  std::vector<Sentence> all = told_;
  const auto is_behind = [&](const Sentence& sentence) { return !sentence.own && sentence.at > last_; };
  if (!waits_for_more) all.erase(std::remove_if(all.begin(), all.end(), is_behind), all.end());
  return all;
}

std::vector<Sentence> Story::faults(sim::SimTime lost) const {
  std::vector<Sentence> struck = faults_;
  const sim::SimTime end = taken_.ns >= 0 ? taken_ : std::max(last_, lost);
  struck.erase(std::remove_if(struck.begin(), struck.end(), [&](const Sentence& s) { return s.at > end; }),
               struck.end());
  return struck;
}

std::string explain_text(const ExplainHead& head, const model::Config& config, const Story& story,
                         const Outcomes& outcomes) {
  std::string text = head.title.empty() ? "" : head.title + "\n";
  text += "  " + head.file + ", seed " + std::to_string(head.seed) + ", message " +
          std::to_string(story.message()) + "\n\n";
  text += paragraphs(story.sentences(waits(outcomes)));
  text += "\n";
  for (std::size_t g = 0; g < outcomes.size(); ++g) {
    if (outcomes[g]) text += verdict_paragraph(*outcomes[g], judged_name(config, g));
  }
  const auto faults = story.faults(lost_at(outcomes));
  text += faults.empty() ? "No fault struck while it was under way.\n" : "Faults while it was under way:\n";
  for (const Sentence& fault : faults) text += clock(fault.at) + fault.text + "\n";
  return text;
}

std::string explain_json(const ExplainHead& head, const model::Config& config, const Story& story,
                         const Outcomes& outcomes) {
  return "{\n  \"file\": \"" + json_escaped(head.file) + "\",\n  \"title\": \"" + json_escaped(head.title) +
         "\",\n  \"seed\": " + std::to_string(head.seed) +
         ",\n  \"message\": " + std::to_string(story.message()) +
         ",\n  \"story\": " + list_json(story.sentences(waits(outcomes))) +
         ",\n  \"faults\": " + list_json(story.faults(lost_at(outcomes))) +
         ",\n  \"verdicts\": " + verdicts_json(config, outcomes) + "\n}\n";
}

}  // namespace brokersim::scenarios
