// The sections of a scenario file. Each reads its own part into the draft and reports what is wrong
// with it; later sections refer to names of earlier ones.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/read/fields.hpp"
#include "scenarios/scenario.hpp"

namespace brokersim::scenarios::read {

// Ids are 16 bits wide (model/ids.hpp).
inline constexpr std::size_t ids_max = 65'535;
inline constexpr std::int64_t messages_max = 100'000'000;
inline constexpr std::int64_t queues_max = 10'000;

/// Names of one kind of thing, numbered from 0.
class Names {
 public:
  /// Nothing if the name is taken.
  std::optional<std::size_t> add(const std::string& name);
  std::optional<std::size_t> find(std::string_view name) const;
  std::size_t size() const { return order_.size(); }
  std::vector<std::string_view> all() const { return {order_.begin(), order_.end()}; }

 private:
  std::map<std::string, std::size_t, std::less<>> numbers_;
  std::vector<std::string> order_;
};

/// The scenario while it is being read.
struct Draft {
  Scenario scenario;
  Problems problems;
  model::Profile profile = model::Profile::v5_3;  ///< of the cluster: the default of brokers and clients
  Names hosts, topics, groups;
  Names processes;  ///< brokers, then producers, then consumers: numbered like ProcessId

  model::Config& config() { return scenario.config; }
  std::size_t client_count() { return config().producers.size() + config().consumers.size(); }
};

void read_hosts(Fields& file, Draft& draft);
void read_network(Fields& file, Draft& draft);  ///< after all hosts are known
void read_cluster(Fields& file, Draft& draft);
void read_producers(Fields& file, Draft& draft);
void read_consumers(Fields& file, Draft& draft);
void read_faults(Fields& file, Draft& draft);
void read_expectations(Fields& file, Draft& draft);

/// The host of a process: named by `host`, else `otherwise`. A host that nobody declared gets the defaults.
model::HostId read_host(Fields& fields, const std::string& otherwise, Draft& draft);
/// `version`: "5.3", "4.9", or an exact release of these lines.
void read_version(Fields& fields, model::Profile& profile);
/// The topic of a client: named by `topic`, else the only one.
bool read_topic(Fields& fields, model::TopicId& topic, std::string_view noun, Draft& draft);
/// At least one element, at most as many as ids allow.
std::vector<Place> some_elements(Fields& fields, std::string_view key, std::string_view noun);
/// A name that no other process has.
void name_process(const std::string& pointer, const std::string& name, Draft& draft);

/// The number of the name at `place`; reports one that is not known. `noun`: "host".
std::optional<std::size_t> read_reference(const Place& place, const Names& names, std::string_view noun,
                                          Problems& problems);

// Words that are read and written -----------------------------------------------------------------

inline constexpr Word<model::Profile> profile_words[] = {{"5.3", model::Profile::v5_3},
                                                         {"4.9", model::Profile::v4_9}};
inline constexpr Word<model::SendMode> send_words[] = {
    {"sync", model::SendMode::sync}, {"async", model::SendMode::async}, {"oneway", model::SendMode::oneway}};
inline constexpr Word<model::OnResult> callback_words[] = {{"handled", model::OnResult::checked},
                                                           {"ignored", model::OnResult::unchecked},
                                                           {"none", model::OnResult::unchecked}};
inline constexpr Word<model::OnResult> exception_words[] = {{"handled", model::OnResult::checked},
                                                            {"swallowed", model::OnResult::unchecked}};
inline constexpr Word<bool> accept_words[] = {{"SEND_OK", false}, {"every", true}};
inline constexpr Word<bool> start_words[] = {{"spread", false}, {"together", true}};
inline constexpr Word<model::Pacing> pacing_words[] = {
    {"per_thread_catch_up", model::Pacing::per_thread_catch_up},
    {"per_thread_skip", model::Pacing::per_thread_skip},
    {"per_thread_sleep", model::Pacing::per_thread_sleep},
    {"shared", model::Pacing::shared}};
inline constexpr Word<model::UnsyncedFiles> unsynced_words[] = {
    {"draw", model::UnsyncedFiles::draw},
    {"old_version", model::UnsyncedFiles::old_version},
    {"new_version", model::UnsyncedFiles::new_version},
    {"empty", model::UnsyncedFiles::empty}};
inline constexpr Word<bool> seen_words[] = {{"reset", false}, {"silence", true}};
inline constexpr Word<bool> when_words[] = {{"after", false}, {"before", true}};
/// `created_at` of a topic that was there before the run; `until` of a fault process that does not end.
inline constexpr std::string_view word_before = "before";
inline constexpr std::string_view word_end = "end";

}  // namespace brokersim::scenarios::read
