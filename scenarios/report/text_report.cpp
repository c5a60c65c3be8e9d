#include "scenarios/report/text_report.hpp"

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

/// The rows that a reader wants even when they are zero; the others only when something happened.
bool always_shown(Count count) {
  return count == Count::intents || count == Count::acknowledged || count == Count::processed ||
         count == Count::lost || count == Count::duplicated;
}

/// Classes and flags that are worth a cause line below their row.
bool has_causes(Count count) {
  return count == Count::lost || count == Count::stuck || count == Count::failed ||
         count == Count::duplicated || count == Count::vanished || count == Count::ghost;
}

void cause_lines(Page& page, const GroupTotals& totals, Count count) {
  for (std::size_t k = 1; k < cause_kinds; ++k) {
    const Histogram& histogram = totals.causes[static_cast<std::size_t>(count)][k];
    if (histogram.empty()) continue;
    const auto& text = text_of(static_cast<Cause>(k));
    std::string line = "      " + std::string(text.name) + ", in " + std::to_string(histogram.total()) +
                       (histogram.total() == 1 ? " seed: " : " seeds: ") + std::string(text.sentence);
    page.line(line);
    const bool windowed = (count == Count::lost || count == Count::vanished) && totals.window_max[k] > 0;
    if (windowed) {
      page.line("        window: acknowledged " + short_time(totals.window_min[k]) + " to " +
                short_time(totals.window_max[k]) + " before the failure");
    }
    if (!text.closes.empty()) page.line("        closes it: " + page.bold(std::string(text.closes)));
  }
}

std::string judged_by(const model::Config& config, std::size_t group) {
  if (!model::ledger::is_log(config, group)) return "  consumer group " + config.groups[group];
  return config.groups.empty() ? "  judged by what the logs hold"
                               : "  topics that no consumer reads, judged by what the logs hold";
}

void group_table(Page& page, const GroupTotals& totals, std::int64_t seeds) {
  page.line(table_head(seeds));
  for (std::size_t c = 0; c < count_kinds; ++c) {
    const auto count = static_cast<Count>(c);
    if (!always_shown(count) && totals.counts[c].max() == 0) continue;
    page.line(row(std::string(to_string(count)), summarise(totals.counts[c])));
    if (has_causes(count)) cause_lines(page, totals, count);
  }
}

void finding_line(Page& page, const ReportHead& head, const Finding& finding) {
  page.line((finding.holds ? page.good("  holds  ") : page.bad("  FAILS  ")) + finding.claim + ": " +
            finding.observed);
  if (!finding.holds && finding.seed) page.line("         see: " + reproducing_command(head, *finding.seed));
}

}  // namespace

std::string reproducing_command(const ReportHead& head, std::uint64_t seed) {
  return "brokersim run " + shell_word(head.file) + " --seed " + std::to_string(seed) +
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
    group_table(page, result.groups[g], result.seeds);
  }
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
