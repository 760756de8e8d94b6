#include "postgres/type_catalog.h"

#include <algorithm>
#include <iterator>

namespace eider::postgres {
namespace {

constexpr TypeId kScalars[] = {kBool,   kBytea,   kChar,    kName, kInt8,      kInt2,        kInt4,
                               kText,   kOid,     kJson,    kXml,  kFloat4,    kFloat8,      kUnknown,
                               kBpchar, kVarchar, kDate,    kTime, kTimestamp, kTimestamptz, kInterval,
                               kTimetz, kNumeric, kCstring, kVoid, kUuid,      kJsonb};

struct ArrayType {
  TypeId array;
  TypeId element;
};

constexpr ArrayType kArrays[] = {
    {1000, kBool},        {1001, kBytea},    {1002, kChar},    {1003, kName},    {1016, kInt8},   {1005, kInt2},
    {1007, kInt4},        {1009, kText},     {1028, kOid},     {199, kJson},     {143, kXml},     {1021, kFloat4},
    {1022, kFloat8},      {1014, kBpchar},   {1015, kVarchar}, {1182, kDate},    {1183, kTime},   {1115, kTimestamp},
    {1185, kTimestamptz}, {1187, kInterval}, {1270, kTimetz},  {1231, kNumeric}, {2287, kRecord}, {1263, kCstring},
    {2951, kUuid},        {3807, kJsonb},    {22, kInt2},      {30, kOid}};

}  // namespace

PgType TypeCatalog::Find(TypeId id) const {
  PgType type;
  if (id >= kFirstUserType) {
    MutexLock lock(mutex_);
    const auto found = user_types_.find(id);
    return found == user_types_.end() ? type : found->second;
  }
  if (std::find(std::begin(kScalars), std::end(kScalars), id) != std::end(kScalars)) {
    type.form = TypeForm::kScalar;
    type.scalar = id;
    return type;
  }
  if (id == kRecord) {
    type.form = TypeForm::kRecord;
    return type;
  }
  const auto* array =
      std::find_if(std::begin(kArrays), std::end(kArrays), [&](const ArrayType& known) { return known.array == id; });
  if (array == std::end(kArrays)) return type;
  type.form = TypeForm::kArray;
  type.element = array->element;
  return type;
}

bool TypeCatalog::is_complete() const {
  MutexLock lock(mutex_);
  return complete_;
}

void TypeCatalog::MarkIncomplete() const {
  MutexLock lock(mutex_);
  complete_ = false;
}

void TypeCatalog::SetUserTypes(std::map<TypeId, PgType> types) {
  MutexLock lock(mutex_);
  user_types_ = std::move(types);
  complete_ = true;
}

}  // namespace eider::postgres
