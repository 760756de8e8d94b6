#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "observe/metrics.h"

namespace eider::observe {
namespace {

// Size and resident set in pages.
std::pair<long, long> MemoryPages() {
  long size = 0;
  long resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &size, &resident) != 2) size = resident = 0;
    std::fclose(file);
  }
  return {size, resident};
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double OpenDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double count = -3;  // Without ".", ".." and the folder itself.
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

double DescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::vector<Metrics::Registration> AddProcessMetrics(Metrics& metrics, const std::string& version,
                                                     const std::string& role) {
  const auto started = std::chrono::steady_clock::now();
  const double started_at = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  std::vector<Metrics::Registration> all;
  const auto add = [&](const char* name, const char* help, std::function<double()> read) {
    all.push_back(metrics.AddGauge(name, help, std::move(read)));
  };
  all.push_back(metrics.AddGauges("eider_build_info", "Always 1; the labels tell what runs.",
                                  [=] { return std::vector<Sample>{{{{"version", version}, {"role", role}}, 1}}; }));
  add("eider_up_seconds", "Time since the start.",
      [started] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); });
  add("process_start_time_seconds", "Start of the process since the epoch.", [started_at] { return started_at; });
  add("process_cpu_seconds_total", "Processor time used.", CpuSeconds);
  add("process_resident_memory_bytes", "Memory in RAM.",
      [page] { return page * static_cast<double>(MemoryPages().second); });
  add("process_virtual_memory_bytes", "Address space used.",
      [page] { return page * static_cast<double>(MemoryPages().first); });
  add("process_open_fds", "Open file descriptors.", OpenDescriptors);
  add("process_max_fds", "Most file descriptors that may be open.", DescriptorLimit);
  return all;
}

}  // namespace eider::observe
