#include "cli/answer_table.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <unordered_map>

namespace eider::cli {
namespace {

using rapidjson::Value;

constexpr std::size_t kMaxSubLines = 20;

// One line of a row: (header, text) in the order in which they were met.
using Line = std::vector<std::pair<std::string, std::string>>;

std::string ScalarText(const Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  return "";
}

bool HoldsObjects(const Value& list) {
  return std::any_of(list.Begin(), list.End(), [](const Value& item) { return item.IsObject(); });
}

std::string ListText(const Value& list) {
  std::string text;
  for (const Value& item : list.GetArray()) {
    text.append(text.empty() ? "" : ", ").append(item.IsArray() ? "[" + ListText(item) + "]" : ScalarText(item));
  }
  return text;
}

std::vector<Line> LinesOf(const Value& value, const std::string& header);

std::string Joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

std::vector<Line> LinesOfObject(const Value& object, const std::string& header) {
  std::vector<Line> lines(1);
  for (const auto& member : object.GetObject()) {
    const std::vector<Line> part = LinesOf(member.value, Joined(header, member.name.GetString()));
    if (part.size() > lines.size()) lines.resize(part.size());
    for (std::size_t i = 0; i < part.size(); ++i) lines[i].insert(lines[i].end(), part[i].begin(), part[i].end());
  }
  return lines;
}

std::vector<Line> LinesOfList(const Value& list, const std::string& header) {
  std::vector<Line> lines;
  std::size_t shown = 0;
  for (const Value& item : list.GetArray()) {
    if (lines.size() >= kMaxSubLines) break;
    ++shown;
    for (Line& line : LinesOf(item, header)) lines.push_back(std::move(line));
  }
  const std::size_t hidden = list.Size() - shown;
  if (hidden > 0 && !lines.back().empty()) {
    const std::string first_header = lines.back().front().first;
    lines.push_back({{first_header, "… " + std::to_string(hidden) + " more"}});
  }
  return lines;
}

std::vector<Line> LinesOf(const Value& value, const std::string& header) {
  if (value.IsObject()) return LinesOfObject(value, header);
  if (value.IsArray() && HoldsObjects(value)) return LinesOfList(value, header);
  return {{{header, value.IsArray() ? ListText(value) : ScalarText(value)}}};
}

// Collects lines under headers in order of their first appearance.
class TableBuilder {
 public:
  void AddRow(const Value& row) {
    ++table_.rows;
    for (const Line& line : LinesOf(row, row.IsObject() ? "" : "value")) {
      std::vector<std::string> cells(table_.headers.size());
      for (const auto& [header, text] : line) {
        const auto [it, is_new] = column_of_.emplace(header, table_.headers.size());
        if (is_new) table_.headers.push_back(header);
        cells.resize(std::max(cells.size(), it->second + 1));
        cells[it->second] = text;
      }
      table_.lines.push_back(std::move(cells));
    }
  }

  TextTable Take(std::string title, bool is_list) {
    table_.title = std::move(title);
    table_.is_list = is_list;
    DropEmptyParents();
    for (auto& line : table_.lines) line.resize(table_.headers.size());
    return std::move(table_);
  }

 private:
  // A null object leaves an empty column beside those of its members in other rows.
  void DropEmptyParents() {
    for (std::size_t column = table_.headers.size(); column-- > 0;) {
      const std::string prefix = table_.headers[column] + ".";
      const bool is_parent = std::any_of(table_.headers.begin(), table_.headers.end(),
                                         [&](const std::string& header) { return header.starts_with(prefix); });
      if (!is_parent) continue;
      table_.headers.erase(table_.headers.begin() + static_cast<std::ptrdiff_t>(column));
      for (auto& line : table_.lines) {
        if (column < line.size()) line.erase(line.begin() + static_cast<std::ptrdiff_t>(column));
      }
    }
  }

  TextTable table_;
  std::unordered_map<std::string, std::size_t> column_of_;
};

bool IsWrapper(const Value& object) {
  const auto members = object.GetObject();
  return object.MemberCount() > 0 && std::all_of(members.begin(), members.end(), [](const auto& member) {
           return member.value.IsObject() ||
                  (member.value.IsArray() && (member.value.Empty() || HoldsObjects(member.value)));
         });
}

void Collect(const Value& value, const std::string& path, std::vector<TextTable>& tables) {
  if (value.IsObject() && (path.empty() || IsWrapper(value))) {
    TableBuilder scalars;
    Value loose(rapidjson::kObjectType);
    rapidjson::Document::AllocatorType allocator;
    for (const auto& member : value.GetObject()) {
      if (member.value.IsObject() || member.value.IsArray()) {
        Collect(member.value, Joined(path, member.name.GetString()), tables);
      } else {
        loose.AddMember(Value(member.name, allocator), Value(member.value, allocator), allocator);
      }
    }
    if (loose.MemberCount() == 0) return;
    scalars.AddRow(loose);
    tables.push_back(scalars.Take(path, false));
    return;
  }
  TableBuilder builder;
  if (value.IsArray()) {
    for (const Value& row : value.GetArray()) builder.AddRow(row);
  } else {
    builder.AddRow(value);
  }
  tables.push_back(builder.Take(path, value.IsArray()));
}

}  // namespace

std::vector<TextTable> TablesOf(const Value& data) {
  std::vector<TextTable> tables;
  if (data.IsObject()) Collect(data, "", tables);
  return tables;
}

}  // namespace eider::cli
