// The one door through which everything undetermined enters a simulation (docs/architecture.md, rule 7). A
// step asks `pick`, `chance` or `duration`; who answers is decided outside:
//
//   draw       a keyed word of (seed ^ salt, key). Which other questions are asked, and in which order, is
//              without influence. The salt belongs to the world, which sets it before its steps; make it
//              with `subject()`.
//              The same key is the same answer, for ever: a question that recurs needs a number that never
//              repeats (arrivals so far, lives so far) as subject or attempt, kept in the World, as
//              Uncounted<> if only keys use it.
//   enumerate  every question is a branch point, and the loop below takes each combination of answers once:
//                auto choices = Choices::enumerate();
//                do { World w = before; step(w, choices.rewind()); visit(w); } while (choices.advance());
//              Later questions may depend on earlier answers. A duration branches over its representative
//              values.
//   replay     answers recorded earlier, one by one; another question than the recorded one is
//              a ReplayMismatch.
//
// A question with one possible answer (pick of 1, probability 0 or 1, a constant) is answered without a
// branch and without a record in every mode. A Choices is not part of a world; it is a value that may be
// copied all the same (a copy that records writes to the same vector).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/check.hpp"
#include "sim/distribution.hpp"
#include "sim/random.hpp"
#include "sim/types.hpp"

namespace brokersim::sim {

enum class Question : std::uint8_t { pick, chance, duration, bits };

/// A question and how it was answered: what replay files hold.
struct Answer {
  DrawKey key;
  Question question = Question::pick;
  /// Among how many: of a pick; 2 for a chance; for a duration the number of its representative values
  /// (also when drawn, so that a recorded draw and a recorded branch have the same form); 0 for bits.
  std::uint32_t options = 0;
  /// The index of a pick, 0 or 1 of a chance, the nanoseconds of a duration, the word of bits.
  std::uint64_t value = 0;

  friend bool operator==(const Answer&, const Answer&) = default;
};

/// `pick(purpose 3, subject 7, attempt 0) of 4 = 2`.
std::string to_string(const Answer& answer);

/// The program asked something else than what was recorded: the record belongs to another program,
/// configuration or trace version.
class ReplayMismatch : public BugError {
 public:
  using BugError::BugError;
};

class Choices {
 public:
  static Choices draw(Seed seed);
  static Choices enumerate();
  static Choices replay(std::vector<Answer> recorded);

  /// From here on a drawing Choices appends each answer to `record` (null: no more), for a later replay.
  void record_to(std::vector<Answer>* record);
  /// What is xored to the seed of all later draws; without effect on enumeration and replay.
  void salt(std::uint64_t salt) { seed_ = unsalted_seed_ ^ salt; }

  // The four questions are inlined by force. As calls they pass their key through memory, where 16 bytes are
  // read that were written by halves: the processor waits for that, and an event took 20 ns longer.

  /// One of 0 .. options-1.
  [[gnu::always_inline]] std::uint32_t pick(const DrawKey& key, std::uint32_t options) {
    if (drawing_ && options > 0) [[likely]]
      return static_cast<std::uint32_t>(below(word(key), options));
    return pick_otherwise(key, options);
  }

  /// True with this probability; enumerated as false, then true.
  [[gnu::always_inline]] bool chance(const DrawKey& key, double probability) {
    if (drawing_) [[likely]]
      return sim::unit(word(key)) < probability;
    return chance_otherwise(key, probability);
  }

  [[gnu::always_inline]] Duration duration(const DrawKey& key, const Distribution& distribution) {
    if (distribution.is_constant()) return distribution.first();
    if (drawing_) [[likely]]
      return distribution.sample(word(key));
    return duration_otherwise(key, distribution);
  }

  /// A whole word, which cannot be enumerated: BugError there.
  [[gnu::always_inline]] std::uint64_t bits(const DrawKey& key) {
    if (drawing_) [[likely]]
      return word(key);
    return bits_otherwise(key);
  }

  /// A number in [0, 1); recorded and replayed as its bits, not enumerable either.
  double unit(const DrawKey& key) { return sim::unit(bits(key)); }

  /// Starts the current answers over: the next question is the first one again. Draws have no order and
  /// need none.
  void restart() { position_ = 0; }
  /// restart(), as an argument of the step that asks.
  Choices& rewind() { return restart(), *this; }
  /// To the next combination of answers, the last question varying fastest; false when there is none, after
  /// which the enumeration is back at its first.
  bool advance();

  bool enumerating() const { return mode_ == Mode::enumerate; }
  /// The answers given since the last restart (enumerate, replay).
  std::vector<Answer> answers() const;
  /// The index of each answer given since the last restart: the odometer (enumerate).
  std::vector<std::uint32_t> indices() const;
  /// Whether the whole record was asked for (replay).
  bool finished() const { return position_ == answers_.size(); }

 private:
  enum class Mode : std::uint8_t { draw, enumerate, replay };
  explicit Choices(Mode mode) : mode_(mode), drawing_(mode == Mode::draw) {}

  std::uint64_t word(const DrawKey& key) const { return keyed_bits(seed_, key); }
  std::uint32_t pick_otherwise(const DrawKey& key, std::uint32_t options);
  bool chance_otherwise(const DrawKey& key, double probability);
  Duration duration_otherwise(const DrawKey& key, const Distribution& distribution);
  std::uint64_t bits_otherwise(const DrawKey& key);

  std::uint64_t recorded(const DrawKey& key, Question question, std::uint32_t options, std::uint64_t value);
  std::uint64_t replayed(const DrawKey& key, Question question, std::uint32_t options);
  std::uint32_t next_index(const DrawKey& key, Question question, std::uint32_t options);

  std::uint64_t seed_ = 0;
  Mode mode_;
  bool drawing_;  // drawing and not recording: the one branch of the fast path
  std::uint64_t unsalted_seed_ = 0;
  std::vector<Answer>* record_ = nullptr;
  std::size_t position_ = 0;
  std::vector<Answer> answers_;         // replay: the record; enumerate: the current combination
  std::vector<std::uint32_t> indices_;  // enumerate: which branch each of these answers is
};

}  // namespace brokersim::sim
