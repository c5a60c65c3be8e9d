#include "scenarios/analyse/import_files.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "scenarios/read/properties.hpp"
#include "scenarios/read/yaml.hpp"

namespace brokersim::scenarios {

using read::Property;

namespace {

std::string place_of(const ConfigFile& file, const Property& property) {
  return file.path + ":" + std::to_string(property.line) + ": " + property.name;
}

bool is_yaml(const ConfigFile& file) { return file.path.ends_with(".yml") || file.path.ends_with(".yaml"); }

std::vector<Property> properties_of(const ConfigFile& file) {
  return is_yaml(file) ? read::parse_yaml(file.text) : read::parse_properties(file.text);
}

std::string::iterator at(std::string& text, std::size_t index) {
  return text.begin() + static_cast<std::ptrdiff_t>(index);
}

/// The lines of a comment, empty, so that the others keep their numbers.
std::string without_xml_comments(const ConfigFile& file, std::vector<std::string>& left_out) {
  constexpr std::string_view opening = "<!--", closing = "-->";
  std::string text = file.text;
  for (std::size_t from = text.find(opening); from != std::string::npos; from = text.find(opening, from)) {
    const std::size_t line = text.find_last_of('\n', from) + 1;  // npos + 1: the first
    if (text.find_first_not_of(" \t", line) != from) {
      from += opening.size();  // in the middle of a value
      continue;
    }
    const std::size_t to = std::min(text.find(closing, from), text.size() - closing.size()) + closing.size();
    left_out.push_back(
        file.path + ":" + std::to_string(std::count(text.begin(), at(text, from), '\n') + 1) +
        ": <!-- ... -->: a comment of XML, whose lines RocketMQ takes for settings that it does "
        "not know");
    std::replace_if(at(text, from), at(text, to), [](char c) { return c != '\n'; }, ' ');
  }
  return text;
}

// ------------------------------------------------------------------------------- rocketmq-spring

/// Spring takes send-message-timeout, sendMessageTimeout and send_message_timeout for one name.
std::string relaxed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '-' && c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

struct SpringName {
  std::string_view name;  ///< relaxed, behind "rocketmq."
  std::string_view setting;
};

/// RocketMQProperties.Producer, and what RocketMQAutoConfiguration calls with it.
constexpr auto producer_names = std::to_array<SpringName>({
    {"producer.sendmessagetimeout", "sendMsgTimeout"},
    {"producer.retrytimeswhensendfailed", "retryTimesWhenSendFailed"},
    {"producer.retrytimeswhensendasyncfailed", "retryTimesWhenSendAsyncFailed"},
    {"producer.retrynextserver", "retryAnotherBrokerWhenNotStoreOK"},
    {"producer.maxmessagesize", "maxMessageSize"},
    {"producer.compressmessagebodythreshold", "compressMsgBodyOverHowmuch"},
    {"producer.enablemsgtrace", "enableTrace"},
    {"producer.customizedtracetopic", "traceTopic"},
    {"producer.tlsenable", "useTLS"},
    {"producer.namespace", "namespace"},
    {"producer.namespacev2", "namespaceV2"},
    {"producer.instancename", "instanceName"},
});

struct Unused {
  std::string_view prefix;  ///< relaxed, behind "rocketmq."
  std::string_view why;
};

constexpr std::string_view of_pull_consumers =
    "a setting of DefaultLitePullConsumer, which is not modelled; listeners have theirs in "
    "@RocketMQMessageListener";

constexpr auto unused = std::to_array<Unused>({
    {"accesschannel", "not modelled: clients and brokers know each other by their names in the file"},
    {"producer.accesskey", "not modelled: everybody may do everything"},
    {"producer.secretkey", "not modelled: everybody may do everything"},
    {"consumer.", of_pull_consumers},
    {"pullconsumer.", of_pull_consumers},
    {"", "no setting of rocketmq-spring"},
});

/// `${NAME:otherwise}` is otherwise here; of `${NAME}` nobody knows the value.
std::optional<std::string> resolved(const std::string& value) {
  if (!value.starts_with("${") || !value.ends_with('}')) return value;
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return value.substr(colon + 1, value.size() - colon - 2);
}

class SpringReader {
 public:
  explicit SpringReader(const ConfigFile& file) : file_(file) {}

  GivenApplication read() {
    for (const Property& property : properties_of(file_)) {
      if (is_profile(property))
        leave_out(property,
                  "all documents of the file are taken together, and the last word on a setting counts");
      else if (property.name.starts_with(prefix))
        take(property);
    }
    return std::move(found_);
  }

  static constexpr std::string_view prefix = "rocketmq.";

 private:
  static bool is_profile(const Property& property) {
    return property.name == "spring.config.activate.on-profile" || property.name == "spring.profiles";
  }

  void leave_out(const Property& property, std::string_view why) {
    found_.left_out.push_back(place_of(file_, property) + ": " + std::string(why));
  }

  void take(const Property& property) {
    const auto value = resolved(property.value);
    if (!value) return leave_out(property, "its value, " + property.value + ", is not in this file");
    const std::string name = relaxed(std::string_view(property.name).substr(prefix.size()));
    if (name == "producer.group") {
      producer().group = *value;
    } else if (name == "nameserver") {
      found_.name_servers.push_back({"namesrvAddr", *value, place_of(file_, property)});
    } else if (name.starts_with(listeners)) {
      take_listener(property, *value);
    } else {
      take_setting(property, name, *value);
    }
  }

  void take_setting(const Property& property, std::string_view name, const std::string& value) {
    const auto known = std::find_if(producer_names.begin(), producer_names.end(),
                                    [&](const SpringName& one) { return one.name == name; });
    if (known != producer_names.end())
      return producer().settings.push_back({std::string(known->setting), value, place_of(file_, property)});
    leave_out(property, std::find_if(unused.begin(), unused.end(), [&](const Unused& one) {
                          return name.starts_with(one.prefix);
                        })->why);
  }

  /// rocketmq.consumer.listeners.GROUP.TOPIC=true: ListenerContainerConfiguration starts one.
  void take_listener(const Property& property, const std::string& value) {
    std::string_view name = property.name;
    for (int parts = 0; parts < 3; ++parts) name.remove_prefix(std::min(name.find('.') + 1, name.size()));
    const std::size_t dot = std::min(name.find('.'), name.size());
    std::string_view topic = name.substr(std::min(dot + 1, name.size()));
    if (topic.ends_with(".enabled")) topic.remove_suffix(std::string_view(".enabled").size());
    if (value != "true") return leave_out(property, "a listener that is not started");
    if (dot == 0 || topic.empty()) return leave_out(property, "a listener has a group and a topic");
    found_.consumers.push_back({file_.path, {}, std::string(name.substr(0, dot)), std::string(topic), {}});
    leave_out(property,
              "the settings of this listener stand in @RocketMQMessageListener: here it has the defaults");
  }

  GivenProcess& producer() {
    if (found_.producers.empty()) found_.producers.push_back({file_.path, {}, {}, {}, {}});
    return found_.producers.front();
  }

  static constexpr std::string_view listeners = "consumer.listeners.";

  const ConfigFile& file_;
  GivenApplication found_;
};

}  // namespace

GivenProcess given_process(const ConfigFile& file, std::vector<std::string>& left_out) {
  GivenProcess process{file.path, {}, {}, {}, {}};
  for (const Property& property : read::parse_properties(without_xml_comments(file, left_out)))
    process.settings.push_back({property.name, property.value, place_of(file, property)});
  return process;
}

bool is_application(const ConfigFile& file) {
  const auto properties = properties_of(file);
  const auto of_spring = [](const Property& property) {
    return property.name.starts_with(SpringReader::prefix);
  };
  return is_yaml(file) || std::any_of(properties.begin(), properties.end(), of_spring);
}

GivenApplication given_application(const ConfigFile& file) { return SpringReader(file).read(); }

}  // namespace brokersim::scenarios
