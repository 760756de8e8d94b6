#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eider::sources {

enum class FileFormat { kParquet, kCsv, kJson };

// "Parquet", "CSV" or "JSON".
std::string_view FileFormatName(FileFormat format);

// What becomes one view: a file, or a folder of Hive partitions (`year=2024/…`).
struct DataFile {
  std::string name;  // GraphQL name made of the file's or folder's stem; unique within the source.
  std::string path;  // Absolute; of a partitioned folder: the folder itself.
  FileFormat format = FileFormat::kParquet;
  bool partitioned = false;
  std::string extension;  // Of the files below a partitioned folder: ".parquet".
};

// The data files that `path` means: one file, the members of a folder and its sub-folders, or the matches of a glob, by
// path. Hidden files and files of other kinds are passed over. Fails with kSourceUnavailable when nothing is left.
Result<std::vector<DataFile>> DiscoverDataFiles(const std::string& path);

}  // namespace eider::sources
