#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/bound.h"
#include "planner/statement.h"

// Rows of one source that are kept because rows of another tie to them. The side that has fewer rows by estimate gives
// its keys, and the PostgreSQL server of the other side answers only rows that these can meet. Where an estimate is
// missing, every server answers all of its rows. It only saves work: the conditions around stay.
namespace eider::planner {

// What stands in FROM of a condition on the row `near_alias`, with the alias `far_alias`: `rows`, the far end of
// `relation`, or only those of them that keys of the near end can meet. `used` is the text that reads them.
std::string TiedRows(Statement& statement, const catalog::Relation& relation, std::string_view near_alias,
                     std::string_view far_alias, const std::string& rows, std::string_view used);

// Fetches of the keys of smaller objects that a row of `near` must tie to: by the filter of `arguments`, or by
// relations of `selection` that are marked `inner`. For SourcePart::AddKeys().
std::vector<int> FetchFarKeys(Statement& statement, const catalog::DataObject& near, const BoundField& arguments,
                              const std::vector<BoundField>& selection);

}  // namespace eider::planner
