// The causal story of one message: what happened to it, in sentences; its verdict, cause and window; what
// struck while it was exposed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/report/sentences.hpp"
#include "scenarios/report/verdict_text.hpp"

namespace brokersim::scenarios {

struct Sentence {
  sim::SimTime at;
  std::string text;
  bool own = false;  ///< about the message itself, not about what happened around it
};

/// Listens to a run and keeps what concerns one message.
class Story final : public sim::Recorder {
 public:
  Story(const model::Config& config, std::uint32_t message, std::optional<std::size_t> group)
      : teller_(config, message, group), message_(message) {}
  void on(sim::SimTime at, const sim::Record& record) override;

  std::uint32_t messages() const { return messages_; }  ///< how many were begun
  std::uint32_t message() const { return message_; }
  /// From its begin to its end; if it `waits` (nothing more will happen to it), to the end of the run.
  std::vector<Sentence> sentences(bool waits) const;
  /// Faults while it was exposed: those in force when it began, and those that struck until something took
  /// it, else until its last sentence, or until it was `lost` if that was later (its consumer died after it
  /// had acknowledged).
  std::vector<Sentence> faults(sim::SimTime lost) const;

 private:
  /// A fault that has struck and is not undone. One may strike again meanwhile, by another action of a
  /// campaign.
  struct Standing {
    std::uint32_t fault;
    std::int64_t action;
    Sentence told;
    std::string_view what;
  };
  void keep_standing(sim::SimTime at, const sim::Record& record, const std::string& text);
  void begin(sim::SimTime at);

  Storyteller teller_;
  std::uint32_t message_;
  std::uint32_t messages_ = 0;
  std::vector<Sentence> told_;
  std::vector<Sentence> faults_;
  std::vector<Standing> standing_;  ///< before the message begins
  sim::SimTime begun_{-1}, last_{-1}, taken_{-1};
};

/// What an explanation is about.
struct ExplainHead {
  std::string file, title;
  std::uint64_t seed = 1;
};

std::string explain_text(const ExplainHead& head, const model::Config& config, const Story& story,
                         const Outcomes& outcomes);
/// One JSON object, ending in a newline.
std::string explain_json(const ExplainHead& head, const model::Config& config, const Story& story,
                         const Outcomes& outcomes);

}  // namespace brokersim::scenarios
