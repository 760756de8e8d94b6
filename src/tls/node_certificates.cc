#include "tls/node_certificates.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace eider::tls {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

Result<std::string> ReadPem(const char* option, const std::string& path) {
  std::string text(kLargestFile, '\0');
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() || file.bad()) {
    const std::string why = errno != 0 ? std::strerror(errno) : "it is no text in PEM";
    return Error(ErrorCode::kBadInput, std::string(option) + ": \"" + path + "\" cannot be read: " + why +
                                           "; give a file in PEM that this process may read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

Result<std::shared_ptr<NodeCertificates>> NodeCertificates::Open(NodeCertificatesOptions options) {
  std::shared_ptr<NodeCertificates> opened(new NodeCertificates(std::move(options)));
  const MutexLock lock(opened->mutex_);
  opened->marks_ = opened->LookAtFiles();
  EIDER_ASSIGN_OR_RETURN(opened->current_, opened->ReadFiles());
  return opened;
}

NodeCertificates::Marks NodeCertificates::LookAtFiles() const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  Marks marks;
  std::size_t i = 0;
  for (const std::string* path : {&options_.ca, &options_.certificate, &options_.key}) {
    struct stat found{};
    Mark& mark = marks[i++];
    if (::stat(path->c_str(), &found) != 0) continue;
    mark = {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec * kSecond + found.st_mtim.tv_nsec};
  }
  return marks;
}

Result<std::shared_ptr<const NodeCredentials>> NodeCertificates::ReadFiles() const {
  NodePems pems;
  EIDER_ASSIGN_OR_RETURN(pems.ca, ReadPem("CLUSTER_TLS_CA", options_.ca));
  EIDER_ASSIGN_OR_RETURN(pems.certificate, ReadPem("CLUSTER_TLS_CERT", options_.certificate));
  EIDER_ASSIGN_OR_RETURN(pems.key, ReadPem("CLUSTER_TLS_KEY", options_.key));
  return NodeCredentials::Make(std::move(pems), options_.node);
}

std::shared_ptr<const NodeCredentials> NodeCertificates::Current() {
  // Before they are read: what changes meanwhile is seen the next time.
  const Marks marks = LookAtFiles();
  const MutexLock lock(mutex_);
  if (marks == marks_) return current_;
  marks_ = marks;
  auto read = ReadFiles();
  if (read) current_ = std::move(*read);
  if (options_.renewed) options_.renewed(read ? "" : read.error().message);
  return current_;
}

}  // namespace eider::tls
