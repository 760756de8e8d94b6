#include "sources/file_identity.h"

#include <sys/stat.h>

namespace eider::sources {

std::string FileIdentity(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return "new";
  return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

}  // namespace eider::sources
