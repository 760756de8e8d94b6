// A server over the canned service, for the tests and measurements of the HTTP front end:
//   toy_server [--bind HOST:PORT] [any flag of eider serve that concerns listeners, admission and stopping]
#include <algorithm>
#include <cstdio>
#include <thread>

#include "async/stop_signals.h"
#include "config/load.h"
#include "http/server.h"
#include "tests/support/canned_service.h"

namespace {

int CountOr(std::int64_t count, int otherwise) { return count > 0 ? static_cast<int>(count) : otherwise; }

eider::http::ServerOptions OptionsOf(const eider::config::Config& config) {
  eider::http::ServerOptions options;
  options.bind = config.bind;
  options.service_bind = config.service_bind;
  options.admin_ui = config.admin_ui;
  options.allowed_origins = config.cors_allowed_origins;
  options.node_name = "toy";
  options.version = EIDER_VERSION;
  options.io_threads = static_cast<int>(config.io_threads);
  options.max_connections = static_cast<std::size_t>(config.max_connections);
  options.max_body_bytes = config.max_body_size.value;
  options.query_timeout = config.query_timeout;
  options.write_timeout = config.write_timeout;
  options.slow_query = config.slow_query;
  // Shorter than in earnest, so that tests need not wait.
  options.header_timeout = std::chrono::seconds(1);
  options.body_timeout = std::chrono::seconds(2);
  return options;
}

int Serve(const eider::config::Config& config, eider::async::StopSignals& signals) {
  eider::testing::CannedService service;
  eider::observe::Log log({});
  eider::observe::Metrics metrics;
  const auto process_metrics = eider::observe::AddProcessMetrics(metrics, EIDER_VERSION, "standalone");
  eider::async::AdmissionOptions admission_options;
  admission_options.slots = CountOr(config.max_concurrent_requests, 8);
  admission_options.interactive_slots = CountOr(config.interactive_slots, std::max(1, admission_options.slots / 4));
  admission_options.max_queued = static_cast<int>(config.max_queued_requests);
  admission_options.queue_timeout = config.queue_timeout;
  eider::async::Admission admission(admission_options);
  eider::async::BlockingPool query_pool("query", admission_options.slots);
  eider::async::BlockingPool prepare_pool("prepare", 2);
  auto server =
      eider::http::Server::Start(OptionsOf(config), {service, admission, query_pool, prepare_pool, metrics, log, {}});
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("listening %s %s\n", (*server)->address().c_str(), (*server)->service_address().c_str());
  std::fflush(stdout);
  signals.Wait();
  (*server)->Drain(config.drain_delay, config.drain_timeout);
  (*server)->Stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  eider::async::StopSignals signals;
  eider::config::LoadInputs inputs;
  inputs.arguments.assign(argv + 1, argv + argc);
  const auto loaded = eider::config::Load(inputs);
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().message.c_str());
    return 2;
  }
  return Serve(loaded->config, signals);
}
