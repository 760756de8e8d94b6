#pragma once

#include <cstdint>

namespace eider::postgres {

using TypeId = std::uint32_t;

// The ids of built-in types, which never change. Source: PostgreSQL's pg_type.dat.
inline constexpr TypeId kBool = 16;
inline constexpr TypeId kBytea = 17;
inline constexpr TypeId kChar = 18;
inline constexpr TypeId kName = 19;
inline constexpr TypeId kInt8 = 20;
inline constexpr TypeId kInt2 = 21;
inline constexpr TypeId kInt4 = 23;
inline constexpr TypeId kText = 25;
inline constexpr TypeId kOid = 26;
inline constexpr TypeId kJson = 114;
inline constexpr TypeId kXml = 142;
inline constexpr TypeId kFloat4 = 700;
inline constexpr TypeId kFloat8 = 701;
inline constexpr TypeId kUnknown = 705;
inline constexpr TypeId kBpchar = 1042;
inline constexpr TypeId kVarchar = 1043;
inline constexpr TypeId kDate = 1082;
inline constexpr TypeId kTime = 1083;
inline constexpr TypeId kTimestamp = 1114;
inline constexpr TypeId kTimestamptz = 1184;
inline constexpr TypeId kInterval = 1186;
inline constexpr TypeId kTimetz = 1266;
inline constexpr TypeId kNumeric = 1700;
inline constexpr TypeId kRecord = 2249;
inline constexpr TypeId kCstring = 2275;
inline constexpr TypeId kVoid = 2278;
inline constexpr TypeId kUuid = 2950;
inline constexpr TypeId kJsonb = 3802;

// Types made by users have ids from here on.
inline constexpr TypeId kFirstUserType = 16384;

}  // namespace eider::postgres
