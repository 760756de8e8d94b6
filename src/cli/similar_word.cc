#include "cli/similar_word.h"

#include <algorithm>

namespace eider::cli {
namespace {

// Insertions, deletions and replacements that turn one text into the other.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view given, const std::vector<std::string>& words) {
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(1, given.size() / 2);
  for (const std::string& word : words) {
    const bool continues = given.size() > 1 && word.starts_with(given);
    const std::size_t distance = continues ? 0 : EditDistance(given, word);
    if (distance > best_distance || (best != nullptr && distance == best_distance)) continue;
    best = &word;
    best_distance = distance;
  }
  return best == nullptr ? "" : "; did you mean \"" + *best + "\"?";
}

}  // namespace eider::cli
