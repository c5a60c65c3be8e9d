#include "scenarios/report/text_report.hpp"

#include <algorithm>
#include <vector>

#include "scenarios/report/format.hpp"
#include "scenarios/run/statistics.hpp"

namespace brokersim::scenarios {

using model::ledger::Cause;
using model::ledger::text_of;

namespace {

constexpr std::size_t name_width = 20, number_width = 9, interval_width = 18;

class Page {
 public:
  explicit Page(bool colour) : colour_(colour) {}
  Page& line(const std::string& text = "") {
    text_ += text + '\n';
    return *this;
  }
  std::string bold(const std::string& text) const { return colour_ ? "\033[1m" + text + "\033[0m" : text; }
  std::string good(const std::string& text) const { return colour_ ? "\033[32m" + text + "\033[0m" : text; }
  std::string bad(const std::string& text) const { return colour_ ? "\033[31m" + text + "\033[0m" : text; }
  std::string take() { return std::move(text_); }

 private:
  bool colour_;
  std::string text_;
};

std::string interval(const std::string& low, const std::string& high) {
  return "[" + low + ", " + high + "]";
}

std::string row(const std::string& name, const Summary& s) {
  return "  " + left(name, name_width) + right(short_number(s.mean), number_width) + "  " +
         left(interval(short_number(s.mean_low), short_number(s.mean_high)), interval_width) + "  " +
         left(interval(std::to_string(s.predicted_low), std::to_string(s.predicted_high)), interval_width) +
         "  " + right(std::to_string(s.min), 6) + right(std::to_string(s.median), 8) +
         right(std::to_string(s.max), 8);
}

std::string table_head(std::int64_t seeds) {
  return "  " + left(std::to_string(seeds) + (seeds == 1 ? " seed" : " seeds"), name_width) +
         right("mean", number_width) + "  " + left("95 % of the mean", interval_width) + "  " +
         left("one incident, 95 %", interval_width) + "  " + right("min", 6) + right("median", 8) +
         right("max", 8);
}

bool has_transactions(const model::Config& config) {
  return std::any_of(config.producers.begin(), config.producers.end(),
                     [](const model::ProducerConfig& producer) { return producer.transaction.has_value(); });
}

/// Rows about what the scenario has not got are no answer to any question.
bool may_be_shown(Count count, const model::Config& config) {
  const bool of_transactions = count == Count::half_records || count == Count::checks ||
                               count == Count::discarded || count == Count::op_records;
  const bool of_consumers = count == Count::deliveries;
  return !(of_transactions && !has_transactions(config)) && !(of_consumers && config.groups.empty());
}

/// The rows that a reader wants even when they are zero; the others only when something happened.
bool always_shown(Count count) {
  return count == Count::intents || count == Count::acknowledged || count == Count::processed ||
         count == Count::lost || count == Count::duplicated;
}

/// Classes and flags that are worth a cause line below their row.
bool has_causes(Count count) {
  return count == Count::lost || count == Count::stuck || count == Count::failed ||
         count == Count::duplicated || count == Count::vanished || count == Count::ghost ||
         count == Count::dead_lettered || count == Count::rolled_back;
}

/// `3.5 messages per seed, in 3 seeds`
std::string how_often(const Histogram& histogram, std::int64_t seeds) {
  std::int64_t messages = 0;
  for (const auto& [value, times] : histogram.bins()) messages += value * times;
  const std::string per_seed = short_number(static_cast<double>(messages) / static_cast<double>(seeds));
  return per_seed + (per_seed == "1" ? " message" : " messages") + " per seed, in " +
         std::to_string(histogram.total()) + (histogram.total() == 1 ? " seed" : " seeds");
}

/// A crash takes what was acknowledged shortly before; what else ends a message may take its time.
std::string window_text(std::string_view cause, std::int64_t shortest, std::int64_t longest) {
  const std::string from = short_time(shortest), to = short_time(longest);
  if (cause.starts_with("storage.")) return "acknowledged " + from + " to " + to + " before the failure";
  return "believed safe for " + (from == to ? to : from + " to " + to);
}

void cause_lines(Page& page, const GroupTotals& totals, Count count, std::int64_t seeds) {
  for (std::size_t k = 1; k < cause_kinds; ++k) {
    const Histogram& histogram = totals.causes[static_cast<std::size_t>(count)][k];
    if (histogram.empty()) continue;
    const auto& text = text_of(static_cast<Cause>(k));
    page.line("      " + std::string(text.name) + ", " + how_often(histogram, seeds) + ": " +
              std::string(text.sentence));
    const bool windowed = (count == Count::lost || count == Count::vanished) && totals.window_max[k] > 0;
    if (windowed)
      page.line("        window: " + window_text(text.name, totals.window_min[k], totals.window_max[k]));
    if (!text.closes.empty()) page.line("        closes it: " + page.bold(std::string(text.closes)));
  }
}

std::string judged_by(const model::Config& config, std::size_t group) {
  if (!model::ledger::is_log(config, group)) return "  consumer group " + config.groups[group];
  return config.groups.empty() ? "  judged by what the logs hold"
                               : "  topics that no consumer reads, judged by what the logs hold";
}

void group_table(Page& page, const model::Config& config, const GroupTotals& totals, std::int64_t seeds) {
  page.line(table_head(seeds));
  for (std::size_t c = 0; c < count_kinds; ++c) {
    const auto count = static_cast<Count>(c);
    if (!may_be_shown(count, config)) continue;
    if (!always_shown(count) && totals.counts[c].max() == 0) continue;
    page.line(row(std::string(to_string(count)), summarise(totals.counts[c])));
    if (has_causes(count)) cause_lines(page, totals, count, seeds);
  }
}

/// Of several groups: what most readers look for, side by side.
void summary_table(Page& page, const model::Config& config, const BatchResult& result) {
  if (result.groups.size() < 2) return;
  constexpr Count columns[] = {Count::lost, Count::duplicated, Count::told_failed};
  std::size_t width = name_width;
  for (const std::string& group : config.groups) width = std::max(width, group.size() + 2);
  std::string head = "  " + left("mean of a seed", width);
  for (const Count count : columns) head += right(std::string(to_string(count)), number_width + 4);
  page.line(head);
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    std::string line = "  " + left(model::ledger::is_log(config, g) ? "(no group)" : config.groups[g], width);
    for (const Count count : columns)
      line += right(short_number(summarise(result.groups[g].counts[static_cast<std::size_t>(count)]).mean),
                    number_width + 4);
    page.line(line);
  }
}

// ------------------------------------------------------------------------------- times

constexpr std::size_t producers_most = 5;  ///< in the text
constexpr std::size_t time_width = 9;

std::string time_row(const std::string& name, const Histogram& histogram) {
  const Summary s = summarise(histogram);
  const auto time = [](double ns) { return short_time(static_cast<std::int64_t>(ns)); };
  return "  " + left(name, name_width) + right(time(s.mean), number_width) + "  " +
         left(interval(time(s.mean_low), time(s.mean_high)), interval_width) + "  " +
         left(interval(short_time(s.predicted_low), short_time(s.predicted_high)), interval_width) +
         right(short_time(s.min), time_width) + right(short_time(s.median), time_width) +
         right(short_time(s.max), time_width);
}

std::string time_head() {
  return "  " + left("times of one seed", name_width) + right("mean", number_width) + "  " +
         left("95 % of the mean", interval_width) + "  " + left("one incident, 95 %", interval_width) +
         right("min", time_width) + right("median", time_width) + right("max", time_width);
}

/// The producers that waited longest, in their order.
std::vector<std::size_t> producers_shown(const BatchResult& result) {
  std::vector<std::size_t> shown;
  for (std::size_t p = 0; p < result.unacknowledged.size(); ++p) {
    if (!result.unacknowledged[p].empty()) shown.push_back(p);
  }
  std::stable_sort(shown.begin(), shown.end(), [&](std::size_t a, std::size_t b) {
    return result.unacknowledged[a].max() > result.unacknowledged[b].max();
  });
  shown.resize(std::min(shown.size(), producers_most));
  std::sort(shown.begin(), shown.end());
  return shown;
}

void time_table(Page& page, const model::Config& config, const BatchResult& result) {
  const std::vector<std::size_t> shown = producers_shown(result);
  const auto has_any = [](const TimeTotals& times) { return !times.median.empty(); };
  if (shown.empty() && std::none_of(result.times.begin(), result.times.end(), has_any)) return;
  page.line(time_head());
  for (const std::size_t p : shown) {
    page.line("  producer " + config.producers[p].name);
    page.line(time_row("longest without ack", result.unacknowledged[p]));
  }
  if (shown.size() < result.unacknowledged.size() && shown.size() == producers_most)
    page.line("  (the others had one sooner: --json has all)");
  for (std::size_t g = 0; g < result.times.size(); ++g) {
    const TimeTotals& times = result.times[g];
    if (!has_any(times)) continue;
    page.line(judged_by(config, g));
    page.line(time_row("send to effect, p50", times.median));
    page.line(time_row("send to effect, p99", times.p99));
    page.line(time_row("send to effect, max", times.longest));
    page.line(time_row("longest stall", times.stall));
  }
}

void finding_line(Page& page, const ReportHead& head, const Finding& finding) {
  page.line((finding.holds ? page.good("  holds  ") : page.bad("  FAILS  ")) + finding.claim + ": " +
            finding.observed);
  if (finding.holds || !finding.seed) return;
  page.line("         see: " + reproducing_command(head, *finding.seed));
  if (finding.message) page.line("         why: " + explaining_command(head, finding));
}

}  // namespace

std::string reproducing_command(const ReportHead& head, std::uint64_t seed) {
  return "brokersim run " + shell_word(head.file) + " --seed " + std::to_string(seed) +
         (head.overrides.empty() ? "" : " " + head.overrides);
}

std::string explaining_command(const ReportHead& head, const Finding& finding) {
  return "brokersim explain " + shell_word(head.file) + " --seed " + std::to_string(*finding.seed) +
         " --message " + std::to_string(*finding.message) +
         (finding.group.empty() ? "" : " --group " + shell_word(finding.group)) +
         (head.overrides.empty() ? "" : " " + head.overrides);
}

std::string text_report(const ReportHead& head, const model::Config& config, const BatchResult& result,
                        const std::vector<Finding>& findings) {
  Page page(head.colour);
  if (!head.title.empty()) page.line(page.bold(head.title));
  page.line("  " + head.file);
  if (!head.question.empty()) page.line("  " + head.question);
  page.line();
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    page.line(judged_by(config, g));
    group_table(page, config, result.groups[g], result.seeds);
  }
  time_table(page, config, result);
  summary_table(page, config, result);
  if (result.not_drained > 0) {
    page.line("  still pending at drain_timeout in " + std::to_string(result.not_drained) + " of " +
              std::to_string(result.seeds) + " seeds");
  }
  for (std::size_t f = 0; f < result.strikes.size(); ++f) {
    const std::int64_t never = result.strikes[f].bins().contains(0) ? result.strikes[f].bins().at(0) : 0;
    if (never > 0)
      page.line("  fault " + std::to_string(f) + " never struck in " + std::to_string(never) + " of " +
                std::to_string(result.seeds) + " seeds");
  }
  if (!findings.empty()) page.line();
  for (const Finding& finding : findings) finding_line(page, head, finding);
  return page.take();
}

}  // namespace brokersim::scenarios
