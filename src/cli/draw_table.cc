#include <algorithm>
#include <numeric>

#include "cli/answer_table.h"

namespace eider::cli {
namespace {

constexpr std::size_t kMinWidth = 8;
constexpr std::string_view kBetween = "  ";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

// Control characters, line feeds above all, would break the drawing.
std::string OneLine(const std::string& text) {
  std::string clean = text;
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return clean;
}

std::string Cut(const std::string& text, std::size_t width) {
  if (WidthOf(text) <= width) return text;
  std::string cut;
  std::size_t taken = 0;
  for (const char c : text) {
    if (!IsContinuation(c) && ++taken == width) break;
    cut.push_back(c);
  }
  return cut + "…";
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("+-.0123456789eE") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

// `airline.name` is shown as "airline" over "name".
struct Column {
  std::string parent;
  std::string leaf;
  std::size_t width = 0;
  bool right = false;
};

Column MeasureColumn(const TextTable& table, std::size_t index) {
  Column column;
  const std::string& header = table.headers[index];
  const std::size_t dot = header.rfind('.');
  if (dot != std::string::npos) column.parent = header.substr(0, dot);
  column.leaf = dot == std::string::npos ? header : header.substr(dot + 1);
  column.width = WidthOf(column.leaf);
  bool any = false;
  bool all = true;
  for (const auto& line : table.lines) {
    column.width = std::max(column.width, WidthOf(line[index]));
    if (line[index].empty()) continue;
    any = true;
    all = all && IsNumber(line[index]);
  }
  column.right = any && all;
  return column;
}

// Behind the last neighbour of column `first` that has the same parent.
std::size_t GroupEnd(const std::vector<Column>& columns, std::size_t first) {
  std::size_t end = first + 1;
  while (end < columns.size() && columns[end].parent == columns[first].parent) ++end;
  return end;
}

std::size_t GroupWidth(const std::vector<Column>& columns, std::size_t first, std::size_t end) {
  std::size_t width = kBetween.size() * (end - first - 1);
  for (std::size_t i = first; i < end; ++i) width += columns[i].width;
  return width;
}

// Makes room for the parents above their columns.
void WidenForParents(std::vector<Column>& columns) {
  for (std::size_t first = 0, end = 0; first < columns.size(); first = end) {
    end = GroupEnd(columns, first);
    const std::size_t wanted = WidthOf(columns[first].parent);
    const std::size_t width = GroupWidth(columns, first, end);
    if (wanted > width) columns[end - 1].width += wanted - width;
  }
}

// The line of parents; empty when no column has one.
std::string DrawParents(const std::vector<Column>& columns) {
  std::string line;
  for (std::size_t first = 0, end = 0; first < columns.size(); first = end) {
    end = GroupEnd(columns, first);
    const std::size_t width = GroupWidth(columns, first, end);
    const std::string text = Cut(columns[first].parent, width);
    line.append(first > 0 ? kBetween : "").append(text).append(width - WidthOf(text), ' ');
  }
  while (line.ends_with(' ')) line.pop_back();
  return line.empty() ? "" : line + "\n";
}

// Takes from the widest columns first until the line fits.
void Shrink(std::vector<Column>& columns, std::size_t width) {
  const auto total = [&] {
    return std::accumulate(columns.begin(), columns.end(), kBetween.size() * (columns.size() - 1),
                           [](std::size_t sum, const Column& column) { return sum + column.width; });
  };
  while (total() > width) {
    const auto widest = std::max_element(columns.begin(), columns.end(),
                                         [](const Column& a, const Column& b) { return a.width < b.width; });
    if (widest->width <= kMinWidth) return;
    --widest->width;
  }
}

std::string DrawLine(const std::vector<std::string>& cells, const std::vector<Column>& columns) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) line.append(kBetween);
    const std::string text = Cut(OneLine(cells[i]), columns[i].width);
    const std::string padding(columns[i].width - WidthOf(text), ' ');
    line.append(columns[i].right ? padding + text : text + padding);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

}  // namespace

std::string DrawTable(const TextTable& table, std::size_t width) {
  std::string drawn;
  if (!table.title.empty()) drawn.append(table.title).append("\n");
  if (!table.headers.empty()) {
    std::vector<Column> columns;
    for (std::size_t i = 0; i < table.headers.size(); ++i) columns.push_back(MeasureColumn(table, i));
    WidenForParents(columns);
    Shrink(columns, width);
    std::vector<std::string> leaves;
    std::vector<std::string> rule;
    for (const Column& column : columns) {
      leaves.push_back(column.leaf);
      std::string& dashes = rule.emplace_back();
      for (std::size_t i = 0; i < column.width; ++i) dashes.append("─");
    }
    drawn.append(DrawParents(columns)).append(DrawLine(leaves, columns)).append(DrawLine(rule, columns));
    for (const auto& line : table.lines) drawn.append(DrawLine(line, columns));
  }
  if (table.is_list) drawn.append("(" + std::to_string(table.rows) + (table.rows == 1 ? " row)\n" : " rows)\n"));
  return drawn;
}

}  // namespace eider::cli
