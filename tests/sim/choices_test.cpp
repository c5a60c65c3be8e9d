// Goal: the three ways to answer agree on what a question is; enumeration visits each combination exactly
// once, a replay repeats a run, and draws depend on their key alone. Method: small "steps" whose set of
// outcomes can be written down or counted by nested loops.
#include "sim/choices.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "tests/catch.hpp"

using namespace brokersim::sim;
using namespace brokersim::sim::literals;

namespace {

enum class Purpose { queue, lost, delay, retry, other };

DrawKey key(Purpose purpose, std::uint64_t subject = 0, std::uint64_t attempt = 0) {
  return DrawKey::of(purpose, subject, attempt);
}

using Path = std::vector<std::int64_t>;

const Distribution network_delay = Distribution::uniform(0_ms, 100_ms);

/// Questions that depend on answers: a queue; whether the message is lost; if so as many retries as the
/// queue's number, each with a delay; if not one of two consumers.
Path nested_step(Choices& choices) {
  Path path;
  const std::uint32_t queue = choices.pick(key(Purpose::queue), 3);
  path.push_back(queue);
  const bool lost = choices.chance(key(Purpose::lost), 0.25);
  path.push_back(lost ? 1 : 0);
  if (!lost) {
    path.push_back(choices.pick(key(Purpose::other), 2));
    return path;
  }
  for (std::uint32_t retry = 0; retry < queue; ++retry)
    path.push_back(choices.duration(key(Purpose::delay, 7, retry), network_delay).ns);
  return path;
}

/// The same by nested loops, in the order in which an odometer with the last question fastest meets them.
std::vector<Path> nested_step_by_hand() {
  const std::vector<std::int64_t> delays{(5_ms).ns, (50_ms).ns, (95_ms).ns};
  std::vector<Path> paths;
  for (std::int64_t queue = 0; queue < 3; ++queue) {
    for (std::int64_t consumer = 0; consumer < 2; ++consumer) paths.push_back({queue, 0, consumer});
    if (queue == 0) paths.push_back({0, 1});
    for (const std::int64_t first : delays) {
      if (queue == 1) paths.push_back({1, 1, first});
      for (const std::int64_t second : delays)
        if (queue == 2) paths.push_back({2, 1, first, second});
    }
  }
  return paths;
}

std::vector<Path> enumerated(Path (*step)(Choices&), Choices choices = Choices::enumerate()) {
  std::vector<Path> paths;
  do paths.push_back(step(choices.rewind()));
  while (choices.advance());
  return paths;
}

/// Many draws of all kinds, with one optional question of somebody else in between.
Path drawing_step(Choices& choices, bool one_more = false) {
  Path path;
  for (std::uint64_t message = 0; message < 100; ++message) {
    path.push_back(choices.pick(key(Purpose::queue, message), 1000));
    if (one_more && message == 50) choices.chance(key(Purpose::retry, 1000), 0.5);
    path.push_back(choices.chance(key(Purpose::lost, message), 0.5) ? 1 : 0);
    path.push_back(choices.duration(key(Purpose::delay, message), network_delay).ns);
    path.push_back(static_cast<std::int64_t>(choices.bits(key(Purpose::other, message)) >> 1));
    path.push_back(static_cast<std::int64_t>(choices.unit(key(Purpose::other, message, 1)) * 1e15));
  }
  return path;
}

Path drawn(Choices choices) { return drawing_step(choices); }

}  // namespace

TEST_CASE("enumeration takes every combination of nested answers exactly once", "[choices]") {
  // 3 queues x 2 consumers, and 1 + 3 + 9 sequences of delays.
  CHECK(nested_step_by_hand().size() == 19);
  CHECK(enumerated(nested_step) == nested_step_by_hand());
}

TEST_CASE("after the last combination an enumeration is back at its first", "[choices]") {
  auto choices = Choices::enumerate();
  for (int round = 0; round < 2; ++round) {
    std::vector<Path> paths;
    do paths.push_back(nested_step(choices.rewind()));
    while (choices.advance());
    CHECK(paths == nested_step_by_hand());
  }
}

TEST_CASE("a step without questions has one outcome", "[choices]") {
  const auto certain = [](Choices& choices) -> Path {
    return {choices.pick(key(Purpose::queue), 1), choices.chance(key(Purpose::lost), 0.0) ? 1 : 0,
            choices.chance(key(Purpose::lost), 1.0) ? 1 : 0,
            choices.duration(key(Purpose::delay), Distribution::constant(3_ms)).ns};
  };
  CHECK(enumerated(certain) == std::vector<Path>{{0, 0, 1, (3_ms).ns}});
  auto drawing = Choices::draw(Seed{1});
  CHECK(certain(drawing) == Path{0, 0, 1, (3_ms).ns});
  std::vector<Answer> record;
  drawing.record_to(&record);
  CHECK(certain(drawing) == Path{0, 0, 1, (3_ms).ns});
  CHECK(record.empty());
}

TEST_CASE("the current answers can be asked again", "[choices]") {
  auto choices = Choices::enumerate();
  for (int i = 0; i < 5; ++i) nested_step(choices.rewind()), choices.advance();
  const Path first = nested_step(choices.rewind());
  CHECK(nested_step(choices.rewind()) == first);
  CHECK(first == nested_step_by_hand()[5]);
}

TEST_CASE("an enumeration tells which question was answered how", "[choices]") {
  auto choices = Choices::enumerate();
  do nested_step(choices.rewind());
  while (choices.indices() != std::vector<std::uint32_t>{1, 1, 2} && choices.advance());
  const std::vector<Answer> expected{
      {key(Purpose::queue), Question::pick, 3, 1},
      {key(Purpose::lost), Question::chance, 2, 1},
      {key(Purpose::delay, 7, 0), Question::duration, 3, static_cast<std::uint64_t>((95_ms).ns)}};
  CHECK(choices.answers() == expected);
  CHECK(to_string(expected[0]) == "pick(purpose 0, subject 0, attempt 0) of 3 = 1");
}

TEST_CASE("a branch can be replayed", "[choices]") {
  auto choices = Choices::enumerate();
  do {
    const Path path = nested_step(choices.rewind());
    auto replay = Choices::replay(choices.answers());
    CHECK(nested_step(replay) == path);
    CHECK(replay.finished());
  } while (choices.advance());
}

TEST_CASE("a step that asks something else the second time is found out", "[choices]") {
  auto choices = Choices::enumerate();
  choices.pick(key(Purpose::queue), 3);
  REQUIRE(choices.advance());
  CHECK_THROWS_AS(choices.rewind().pick(key(Purpose::queue), 4), ReplayMismatch);
  CHECK_THROWS_AS(choices.rewind().pick(key(Purpose::other), 3), ReplayMismatch);
  CHECK_THROWS_AS(choices.rewind().advance(), BugError);  // asked nothing
}

TEST_CASE("whole words cannot be enumerated", "[choices]") {
  auto choices = Choices::enumerate();
  CHECK_THROWS_AS(choices.bits(key(Purpose::other)), BugError);
  CHECK_THROWS_AS(choices.unit(key(Purpose::other)), BugError);
  CHECK_THROWS_AS(choices.pick(key(Purpose::other), 0), BugError);
  auto drawing = Choices::draw(Seed{1});
  CHECK_THROWS_AS(drawing.pick(key(Purpose::other), 0), BugError);
}

TEST_CASE("recording changes no draw, and a replay repeats it", "[choices]") {
  std::vector<Answer> record;
  auto recording = Choices::draw(Seed{7});
  recording.record_to(&record);
  const Path path = drawing_step(recording);
  CHECK(path == drawn(Choices::draw(Seed{7})));
  CHECK(record.size() == 500);

  auto replay = Choices::replay(record);
  CHECK(drawing_step(replay) == path);
  CHECK(replay.finished());
  CHECK(drawing_step(replay.rewind()) == path);
}

TEST_CASE("a replay names the question that does not match", "[choices]") {
  auto replay = Choices::replay({{key(Purpose::queue, 5), Question::pick, 4, 3}});
  CHECK_THROWS_WITH(replay.pick(key(Purpose::queue, 6), 4),
                    "asked pick(purpose 0, subject 6, attempt 0) of 4, but answer 0 of the record is to "
                    "pick(purpose 0, subject 5, attempt 0) of 4");
  CHECK_THROWS_AS(replay.pick(key(Purpose::queue, 5), 3), ReplayMismatch);
  CHECK_THROWS_AS(replay.chance(key(Purpose::queue, 5), 0.5), ReplayMismatch);
  CHECK(replay.pick(key(Purpose::queue, 5), 4) == 3);
  CHECK_THROWS_WITH(replay.bits(key(Purpose::other)),
                    "asked bits(purpose 4, subject 0, attempt 0) of 0, but the record ends after 1 answers");
}

TEST_CASE("a salt changes all draws, and taking it back restores them", "[choices]") {
  auto choices = Choices::draw(Seed{7});
  const Path plain = drawing_step(choices);
  choices.salt(subject(1, 1));
  const Path salted = drawing_step(choices);
  choices.salt(0);
  CHECK(drawing_step(choices) == plain);
  CHECK(drawn(Choices::draw(Seed{8})) != plain);
  // Of picks among 1000, some 0.1 of 100 agree by chance; of chances about half.
  int equal_picks = 0, equal_chances = 0;
  for (std::size_t i = 0; i < plain.size(); i += 5) {
    equal_picks += plain[i] == salted[i] ? 1 : 0;
    equal_chances += plain[i + 1] == salted[i + 1] ? 1 : 0;
  }
  CHECK(equal_picks <= 3);
  CHECK(equal_chances > 25);
  CHECK(equal_chances < 75);
}

TEST_CASE("a draw is the keyed word of the salted seed", "[choices]") {
  auto choices = Choices::draw(Seed{7});
  choices.salt(99);
  CHECK(choices.bits(key(Purpose::other, 3, 4)) == keyed_bits(7 ^ 99, key(Purpose::other, 3, 4)));
}

TEST_CASE("one question more leaves all other draws alone", "[choices]") {
  auto without = Choices::draw(Seed{7});
  auto with = Choices::draw(Seed{7});
  CHECK(drawing_step(without) == drawing_step(with, true));
}

TEST_CASE("chances and picks come as often as they should", "[choices]") {
  auto choices = Choices::draw(Seed{3});
  int hits = 0;
  std::vector<int> picks(5);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    hits += choices.chance(key(Purpose::lost, i), 0.01) ? 1 : 0;
    ++picks[choices.pick(key(Purpose::queue, i), 5)];
  }
  CHECK(std::abs(hits - 1000) < 5 * 32);  // standard deviation 31.5
  for (const int picked : picks) CHECK(std::abs(picked - 20'000) < 5 * 127);
}
