#include "sim/choices.hpp"

#include <utility>

namespace brokersim::sim {
namespace {

const char* name(Question question) {
  switch (question) {
    case Question::pick: return "pick";
    case Question::chance: return "chance";
    case Question::duration: return "duration";
    case Question::bits: return "bits";
  }
  return "unknown";
}

std::string described(const DrawKey& key, Question question, std::uint32_t options) {
  return std::string(name(question)) + "(purpose " + std::to_string(key.purpose) + ", subject " +
         std::to_string(key.subject) + ", attempt " + std::to_string(key.attempt) + ") of " +
         std::to_string(options);
}

std::string described(const Answer& a) { return described(a.key, a.question, a.options); }

bool same_question(const Answer& a, DrawKey key, Question question, std::uint32_t options) {
  return a.key == key && a.question == question && a.options == options;
}

}  // namespace

std::string to_string(const Answer& answer) {
  return described(answer) + " = " + std::to_string(answer.value);
}

Choices Choices::draw(Seed seed) {
  Choices choices(Mode::draw);
  choices.seed_ = choices.unsalted_seed_ = seed.value;
  return choices;
}

Choices Choices::enumerate() { return Choices(Mode::enumerate); }

Choices Choices::replay(std::vector<Answer> recorded) {
  Choices choices(Mode::replay);
  choices.answers_ = std::move(recorded);
  return choices;
}

void Choices::record_to(std::vector<Answer>* record) {
  check(mode_ == Mode::draw, "only draws are recorded; an enumeration has answers()");
  record_ = record;
  drawing_ = record == nullptr;
}

std::uint32_t Choices::pick_otherwise(const DrawKey& key, std::uint32_t options) {
  check(options > 0, "a pick needs at least one option");
  if (options == 1) return 0;
  switch (mode_) {
    case Mode::draw:
      return static_cast<std::uint32_t>(recorded(key, Question::pick, options, below(word(key), options)));
    case Mode::enumerate: return next_index(key, Question::pick, options);
    case Mode::replay: return static_cast<std::uint32_t>(replayed(key, Question::pick, options));
  }
  return 0;
}

bool Choices::chance_otherwise(const DrawKey& key, double probability) {
  if (!(probability > 0.0)) return false;
  if (probability >= 1.0) return true;
  switch (mode_) {
    case Mode::draw: return recorded(key, Question::chance, 2, sim::unit(word(key)) < probability) != 0;
    case Mode::enumerate: return next_index(key, Question::chance, 2) != 0;
    case Mode::replay: return replayed(key, Question::chance, 2) != 0;
  }
  return false;
}

Duration Choices::duration_otherwise(const DrawKey& key, const Distribution& distribution) {
  const std::uint32_t options = distribution.branch_count();
  std::uint64_t ns = 0;
  switch (mode_) {
    case Mode::draw:
      ns = static_cast<std::uint64_t>(distribution.sample(word(key)).ns);
      recorded(key, Question::duration, options, ns);
      break;
    case Mode::enumerate:
      ns = static_cast<std::uint64_t>(distribution.branch(next_index(key, Question::duration, options)).ns);
      answers_[position_ - 1].value = ns;
      break;
    case Mode::replay: ns = replayed(key, Question::duration, options); break;
  }
  return {static_cast<std::int64_t>(ns)};
}

std::uint64_t Choices::bits_otherwise(const DrawKey& key) {
  check(mode_ != Mode::enumerate, "a whole word cannot be enumerated: ask pick, chance or duration");
  if (mode_ == Mode::draw) return recorded(key, Question::bits, 0, word(key));
  return replayed(key, Question::bits, 0);
}

std::uint64_t Choices::recorded(const DrawKey& key, Question question, std::uint32_t options,
                                std::uint64_t value) {
  record_->push_back({key, question, options, value});
  return value;
}

std::uint64_t Choices::replayed(const DrawKey& key, Question question, std::uint32_t options) {
  const bool ended = finished();
  if (!ended && same_question(answers_[position_], key, question, options))
    return answers_[position_++].value;
  const std::string place = std::to_string(position_);
  throw ReplayMismatch(
      "asked " + described(key, question, options) +
      (ended ? ", but the record ends after " + place + " answers"
             : ", but answer " + place + " of the record is to " + described(answers_[position_])));
}

// The odometer: a prefix of answers is given, and each question beyond it gets its first answer. A question
// of the prefix must be the one of last time, or the step depends on something else than its arguments.
std::uint32_t Choices::next_index(const DrawKey& key, Question question, std::uint32_t options) {
  if (position_ == answers_.size()) {
    answers_.push_back({key, question, options, 0});
    indices_.push_back(0);
  } else if (!same_question(answers_[position_], key, question, options)) {
    throw ReplayMismatch("not the same step: asked " + described(key, question, options) + ", but before " +
                         described(answers_[position_]));
  }
  answers_[position_].value = indices_[position_];  // a duration puts its nanoseconds here
  return indices_[position_++];
}

bool Choices::advance() {
  check(enumerating(), "only an enumeration advances");
  check(position_ == answers_.size(),
        "not the same step: it asked fewer questions than its answers were made for");
  position_ = 0;
  while (!indices_.empty() && indices_.back() + 1 == answers_.back().options) {
    indices_.pop_back();
    answers_.pop_back();
  }
  if (indices_.empty()) return false;
  ++indices_.back();
  return true;
}

std::vector<Answer> Choices::answers() const {
  return {answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(position_)};
}

std::vector<std::uint32_t> Choices::indices() const {
  const std::size_t given = enumerating() ? position_ : 0;
  return {indices_.begin(), indices_.begin() + static_cast<std::ptrdiff_t>(given)};
}

}  // namespace brokersim::sim
