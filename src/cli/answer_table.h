#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <rapidjson/document.h>

namespace eider::cli {

// Rows of texts under headers, as shown on a terminal.
struct TextTable {
  std::string title;                 // Path of the field: "nyc.flights".
  std::vector<std::string> headers;  // "airline.name".
  std::vector<std::vector<std::string>> lines;
  std::size_t rows = 0;  // Of the answer; a row with lists takes several lines.
  bool is_list = true;
};

// The tables of an answer's `data`: one for each list or object below the module fields. Nested objects become dotted
// headers, nested lists further lines of their row. REQUIRES: numbers were parsed as strings.
std::vector<TextTable> TablesOf(const rapidjson::Value& data);

// Draws a table no wider than `width` columns where that is possible; wide values are cut with an ellipsis.
std::string DrawTable(const TextTable& table, std::size_t width);

}  // namespace eider::cli
