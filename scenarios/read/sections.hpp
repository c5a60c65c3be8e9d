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
  const std::string& name(std::size_t number) const { return order_[number]; }
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
  Names hosts, topics, groups, producer_groups;
  Names processes;  ///< brokers, producers, plain readers, push consumers, name servers, the controller:
                    ///< numbered like ProcessId

  model::Config& config() { return scenario.config; }
  std::size_t client_count() {
    return config().producers.size() + config().consumers.size() + config().push_consumers.size();
  }
};

void read_hosts(Fields& file, Draft& draft);
void read_network(Fields& file, Draft& draft);  ///< after all hosts are known
void read_cluster(Fields& file, Draft& draft);
/// The processes of name servers and of the controller are numbered last, so they get their names when all
/// clients have theirs.
void name_name_servers(Fields& file, Draft& draft);
/// Once the clients and the faults are known.
void check_acting(Fields& file, Draft& draft);
void check_controlled(Fields& file, Draft& draft);
void read_producers(Fields& file, Draft& draft);
void read_consumers(Fields& file, Draft& draft);
void read_faults(Fields& file, Draft& draft);
void read_trigger(Fields& fault, model::FaultTrigger& trigger, Draft& draft);
/// `every`, `from` and `until`.
void read_process_trigger(Fields& fields, model::FaultTrigger& trigger, Draft& draft);
/// The `campaign` of a fault (campaign.cpp).
void read_campaign(const Place& place, model::FaultConfig& fault, Draft& draft);
/// A host by its name.
bool read_host_name(const Place& place, model::HostId& host, Draft& draft);
/// What the action strikes (fault_targets.cpp).
struct ActionWord;
void read_target(Fields& fields, const ActionWord& word, model::FaultAction& action, Draft& draft);
void read_expectations(Fields& file, Draft& draft);
/// Of what the file says and hardly means (doubts.cpp), now that all is known.
void warn_of_doubts(Fields& file, Draft& draft);
/// Of the hosts that the file declares and on which nothing runs, now that all clients are known.
void warn_of_empty_hosts(Fields& file, Draft& draft);

// Clients (clients.cpp) ---------------------------------------------------------------------------

/// Where clients run unless they say otherwise.
inline constexpr const char* client_host = "clients";

/// Reads "name", and "group", which is the name unless the client says otherwise.
void read_identity(Fields& fields, std::string_view noun, std::string& name, std::string& group);
/// The `transaction` of a producer that sends half messages; reports one of a producer that does not.
void read_transaction(Fields& fields, bool transactional, model::ProducerConfig& producer);
/// Whether so many more processes have room; reports if not.
bool room_for(std::int64_t count, const Fields& fields, Draft& draft);
/// One instance is called "shop"; several are "shop-1", "shop-2" ...
std::string instance_name(const std::string& name, std::int64_t number, std::int64_t count);
/// Under which one broadcasting consumer is judged: "cache@cache-1", or its own name where the group has
/// that.
std::string broadcasting_group(const std::string& group, const std::string& consumer);
/// Each client opens one connection to each broker, and connections are numbered with 16 bits.
void check_connections(const Place& clients, Draft& draft);
/// A size that may be larger than a message's, at least one byte.
bool read_bytes(Fields& fields, std::string_view key, std::int64_t& out);
/// A probability, between 0 and 1.
bool read_chance(Fields& fields, std::string_view key, double& out);

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
/// `send`: a half message is a synchronous send of its own kind.
enum class Sends : std::uint8_t { sync, async, oneway, transaction };
inline constexpr Word<Sends> send_words[] = {{"sync", Sends::sync},
                                             {"async", Sends::async},
                                             {"oneway", Sends::oneway},
                                             {"transaction", Sends::transaction}};
inline constexpr Word<model::OnResult> callback_words[] = {{"handled", model::OnResult::checked},
                                                           {"ignored", model::OnResult::unchecked},
                                                           {"none", model::OnResult::unchecked}};
inline constexpr Word<model::OnResult> exception_words[] = {{"handled", model::OnResult::checked},
                                                            {"swallowed", model::OnResult::unchecked}};
inline constexpr Word<bool> accept_words[] = {{"SEND_OK", false}, {"every", true}};
inline constexpr Word<bool> start_words[] = {{"spread", false}, {"together", true}};
inline constexpr Word<model::LocalOutcome> local_words[] = {{"commit", model::LocalOutcome::commit},
                                                            {"rollback", model::LocalOutcome::rollback}};
inline constexpr Word<bool> returns_words[] = {{"outcome", false}, {"unknown", true}};
inline constexpr Word<model::CheckAnswer> check_words[] = {{"local_state", model::CheckAnswer::local_state},
                                                           {"commit", model::CheckAnswer::commit},
                                                           {"rollback", model::CheckAnswer::rollback},
                                                           {"unknown", model::CheckAnswer::unknown}};
inline constexpr Word<bool> absent_words[] = {{"unknown", false}, {"rollback", true}};
enum class ConsumerKind : std::uint8_t { push, reader };
inline constexpr Word<ConsumerKind> consumer_words[] = {{"push", ConsumerKind::push},
                                                        {"reader", ConsumerKind::reader}};
inline constexpr Word<model::Acknowledge> acknowledge_words[] = {
    {"after_work", model::Acknowledge::after_work},
    {"before_work", model::Acknowledge::before_work},
    {"hand_off", model::Acknowledge::hand_off}};
inline constexpr Word<model::FailResult> result_words[] = {
    {"RECONSUME_LATER", model::FailResult::reconsume_later},
    {"exception", model::FailResult::exception},
    {"null", model::FailResult::null},
    {"ack_index", model::FailResult::ack_index},
    {"never", model::FailResult::never},
    {"SUSPEND_CURRENT_QUEUE_A_MOMENT", model::FailResult::suspend}};
inline constexpr Word<model::Listener> listener_words[] = {{"concurrently", model::Listener::concurrently},
                                                           {"orderly", model::Listener::orderly}};
inline constexpr Word<model::MessageRequestMode> request_mode_words[] = {
    {"PULL", model::MessageRequestMode::PULL}, {"POP", model::MessageRequestMode::POP}};
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
inline constexpr Word<model::Tail> tail_words[] = {{"gone", model::Tail::gone}, {"torn", model::Tail::torn}};
inline constexpr Word<bool> seen_words[] = {{"reset", false}, {"silence", true}};
inline constexpr Word<bool> never_words[] = {{"never", true}};
inline constexpr Word<bool> when_words[] = {{"after", false}, {"before", true}};
/// `created_at` of a topic that was there before the run; `until` of a fault process that does not end;
/// `up_for` of a broker whose services are anywhere in their periods; no `check_immunity`.
inline constexpr std::string_view word_before = "before";
inline constexpr std::string_view word_end = "end";
inline constexpr std::string_view word_long = "long";
inline constexpr std::string_view word_none = "none";
/// `power_loss` of every host.
inline constexpr std::string_view word_all = "all";

}  // namespace brokersim::scenarios::read
