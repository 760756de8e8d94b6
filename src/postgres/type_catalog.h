#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "postgres/type_ids.h"

namespace eider::postgres {

// How the values of a type are laid out in the binary format.
enum class TypeForm {
  kUnknown,  // No form that can be read.
  kScalar,   // A built-in type.
  kText,     // The bytes are text: enums, citext, domains over text.
  kArray,
  kRecord,
};

struct PgType {
  TypeForm form = TypeForm::kUnknown;
  TypeId scalar = 0;                     // kScalar: a built-in type; of a domain, what it is made of.
  TypeId element = 0;                    // kArray.
  std::vector<std::string> field_names;  // kRecord: those of a named composite type.
  std::string name;                      // For messages.
};

// What is known of the types of one database: built-in ones always, users' own ones after the first session has read
// them. Shared by all sessions of a source; thread-safe.
class TypeCatalog {
 public:
  // The type with this id; kUnknown when nothing is known of it.
  PgType Find(TypeId id) const;

  // Whether users' types were read, and none turned up since that was not among them.
  bool is_complete() const;
  void MarkIncomplete() const;

  // Takes the place of what was known of users' types.
  void SetUserTypes(std::map<TypeId, PgType> types);

 private:
  mutable Mutex mutex_;
  std::map<TypeId, PgType> user_types_ GUARDED_BY(mutex_);
  mutable bool complete_ GUARDED_BY(mutex_) = false;
};

}  // namespace eider::postgres
