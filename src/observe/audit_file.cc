#include "observe/audit_file.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/digest.h"

namespace eider::observe {
namespace {

constexpr std::string_view kBegin = R"({"prev":")";
constexpr std::size_t kHashChars = 64;
constexpr auto kLongestWait = std::chrono::milliseconds(500);
const std::string kNoLine(kHashChars, '0');

std::string HashOf(std::string_view line) { return HexText(Sha256(line)); }

Error Unusable(const std::string& path) {
  return {ErrorCode::kBadInput, "the audit log cannot be written: " + path + ": " + std::strerror(errno)};
}

// The hash of the last line of a file; of zeros when there is none.
std::string LastHash(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string line;
  std::string last;
  while (std::getline(in, line)) last = line;
  return last.empty() ? kNoLine : HashOf(last);
}

// The records as lines; `last`, the hash of the line before, becomes that of the last one.
std::string LinesOf(std::span<const AuditRecord> records, const AuditFileOptions& options, std::string& last) {
  std::string text;
  for (const AuditRecord& record : records) {
    const std::string line =
        AuditLine(record, options.node, options.chain ? std::optional<std::string>(last) : std::nullopt);
    if (options.chain) last = HashOf(line);
    text.append(line).push_back('\n');
  }
  return text;
}

bool EndsWithLineFeed(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() <= 0) return true;
  in.seekg(-1, std::ios::end);
  return in.get() == '\n';
}

class AuditFile final : public AuditSink {
 public:
  explicit AuditFile(AuditFileOptions options) : options_(std::move(options)) {}
  ~AuditFile() override { Close(); }

  Status Open() {
    file_ = ::open(options_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    struct stat state{};
    if (file_ < 0 || ::fstat(file_, &state) != 0) return Unusable(options_.path);
    size_ = static_cast<std::uint64_t>(state.st_size);
    if (options_.chain && last_.empty()) last_ = LastHash(options_.path);
    // A line that a crash cut off stays as it is; the next begins on its own.
    if (!EndsWithLineFeed(options_.path)) return Append("\n");
    return {};
  }

  Status Write(std::span<const AuditRecord> records) override {
    if (file_ < 0) EIDER_RETURN_IF_ERROR(Open());
    if (size_ >= options_.max_bytes) EIDER_RETURN_IF_ERROR(Rotate());
    std::string last = last_;
    EIDER_RETURN_IF_ERROR(Append(LinesOf(records, options_, last)));
    last_ = std::move(last);
    return {};
  }

 private:
  // Writes the whole text or takes back what was written of it.
  Status Append(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t wrote = ::write(file_, text.data() + done, text.size() - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return TakeBack();
      done += static_cast<std::size_t>(wrote);
    }
    if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) return TakeBack();
    size_ += text.size();
    return {};
  }

  Status TakeBack() {
    Error error = Unusable(options_.path);
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0)
      error.message.append(", and a part of a line is left in it");
    Close();
    return error;
  }

  Status Rotate() {
    const auto now = std::chrono::system_clock::now();
    const auto micros =
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
    const std::string old = fmt::format("{}.{:%Y%m%dT%H%M%S}.{:06}Z", options_.path,
                                        fmt::gmtime(std::chrono::time_point_cast<std::chrono::seconds>(now)), micros);
    if (::rename(options_.path.c_str(), old.c_str()) != 0) return Unusable(options_.path);
    Close();
    return Open();
  }

  void Close() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

  const AuditFileOptions options_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::string last_;  // The hash of the last line; empty = not known yet.
};

// A pipe, which has no end to look at and gives nothing back: the rest of what it took a part of goes before the next.
class AuditPipe final : public AuditSink {
 public:
  explicit AuditPipe(AuditFileOptions options) : options_(std::move(options)), last_(kNoLine) {}
  ~AuditPipe() override { Close(); }

  Status Open() {
    // Without waiting for somebody who reads it.
    file_ = ::open(options_.path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) return Unusable(options_.path);
    return {};
  }

  Status Write(std::span<const AuditRecord> records) override {
    if (file_ < 0) EIDER_RETURN_IF_ERROR(Open());
    const Deadline deadline = Deadline::After(kLongestWait);
    EIDER_RETURN_IF_ERROR(WriteRest(deadline));
    std::string last = last_;
    rest_ = LinesOf(records, options_, last);
    const std::size_t all = rest_.size();
    Status written = WriteRest(deadline);
    if (!written && rest_.size() == all) {
      rest_.clear();
      return written;
    }
    last_ = std::move(last);
    return {};
  }

 private:
  Status WriteRest(const Deadline& deadline) {
    std::size_t done = 0;
    while (done < rest_.size()) {
      const ssize_t wrote = ::write(file_, rest_.data() + done, rest_.size() - done);
      if (wrote > 0) done += static_cast<std::size_t>(wrote);
      if (wrote >= 0 || errno == EINTR || (errno == EAGAIN && WaitForRoom(deadline))) continue;
      Error error = Unusable(options_.path);
      if (errno != EAGAIN) Close();
      rest_.erase(0, done);
      return error;
    }
    rest_.clear();
    return {};
  }

  // Leaves `errno` as it is when there is no room until then.
  bool WaitForRoom(const Deadline& deadline) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.Remaining());
    pollfd wanted{.fd = file_, .events = POLLOUT, .revents = 0};
    const int problem = errno;
    const bool has_room = ::poll(&wanted, 1, static_cast<int>(left.count())) > 0;
    errno = problem;
    return has_room && !deadline.Passed();
  }

  void Close() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

  const AuditFileOptions options_;
  int file_ = -1;
  std::string last_;  // The hash of the last line.
  std::string rest_;  // Of lines that a part was written of.
};

template <class Sink>
Result<std::unique_ptr<AuditSink>> Opened(AuditFileOptions options) {
  auto sink = std::make_unique<Sink>(std::move(options));
  EIDER_RETURN_IF_ERROR(sink->Open());
  return std::unique_ptr<AuditSink>(std::move(sink));
}

class AuditLines final : public AuditSink {
 public:
  AuditLines(std::string node, std::function<void(std::string_view)> take)
      : node_(std::move(node)),
        take_(std::move(take)) {}
  Status Write(std::span<const AuditRecord> records) override {
    for (const AuditRecord& record : records) take_(AuditLine(record, node_));
    return {};
  }

 private:
  const std::string node_;
  const std::function<void(std::string_view)> take_;
};

// What is wrong with a line that should follow the one whose hash is `previous`; empty = nothing.
std::string ProblemOf(std::string_view line, const std::string& previous) {
  if (!line.starts_with(kBegin) || line.size() < kBegin.size() + kHashChars || !line.ends_with('}')) {
    return "no record of a chain";
  }
  if (line.substr(kBegin.size(), kHashChars) != previous) return "the line before it was changed, removed or added";
  return {};
}

}  // namespace

Result<std::unique_ptr<AuditSink>> OpenAuditFile(AuditFileOptions options) {
  struct stat state{};
  const bool is_pipe = ::stat(options.path.c_str(), &state) == 0 && !S_ISREG(state.st_mode);
  return is_pipe ? Opened<AuditPipe>(std::move(options)) : Opened<AuditFile>(std::move(options));
}

std::unique_ptr<AuditSink> MakeAuditLines(std::string node, std::function<void(std::string_view line)> take) {
  return std::make_unique<AuditLines>(std::move(node), std::move(take));
}

Result<AuditVerdict> VerifyAuditFiles(const std::vector<std::string>& paths) {
  AuditVerdict verdict;
  std::string previous;
  for (const std::string& path : paths) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return Error(ErrorCode::kNotFound, "cannot read " + path + ": " + std::strerror(errno));
    std::string line;
    for (std::uint64_t number = 1; std::getline(in, line); ++number) {
      if (previous.empty()) {
        // What comes before the first file is not known.
        const std::string_view begins = std::string_view(line).substr(std::min(line.size(), kBegin.size()), kHashChars);
        verdict.from_start = begins == kNoLine;
        previous = begins;
      }
      std::string problem = ProblemOf(line, previous);
      if (problem.empty() && in.eof()) problem = "the line is cut off";
      if (!problem.empty()) {
        verdict.problem = fmt::format("{}:{}: {}", path, number, problem);
        return verdict;
      }
      previous = HashOf(line);
      ++verdict.lines;
    }
  }
  return verdict;
}

}  // namespace eider::observe
