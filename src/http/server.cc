#include "http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "async/io_threads.h"
#include "async/on_loop.h"
#include "http/address.h"
#include "http/endpoints.h"
#include "http/listener.h"
#include "http/worker.h"

namespace eider::http {
namespace {

using std::chrono::milliseconds;

constexpr auto kPollInterval = milliseconds(5);
constexpr auto kLoopLimit = std::chrono::seconds(1);

int ChooseThreads(int wanted) {
  if (wanted > 0) return wanted;
  // On two cores a second loop costs more in switches than it gains; the engine wants the rest.
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(cores / 2, 1, 8);
}

class HttpServer final : public Server {
 public:
  HttpServer(ServerOptions options, ServerParts parts)
      : options_(std::move(options)),
        parts_(std::move(parts)),
        metrics_(parts_.metrics),
        health_(
            parts_.admission, parts_.readiness, [this] { return IsAlive(); }, parts_.may_leave),
        endpoints_(options_, parts_, health_, metrics_),
        threads_("io", ChooseThreads(options_.io_threads)) {}
  ~HttpServer() override { Stop(); }

  Status Open();
  void Serve() override { health_.Serve(); }
  std::string address() const override { return main_.front()->address(); }
  std::string service_address() const override { return service_.empty() ? "" : service_.front()->address(); }
  void Drain(milliseconds delay, milliseconds timeout) override;
  void Stop() override;

 private:
  using Listeners = std::vector<std::unique_ptr<Listener>>;

  Status Listen(const std::string& bind, Listeners& listeners);
  void Accept(Listeners& listeners, Service service);
  void AddGauges();
  bool IsAlive() const;
  int Running() const;
  bool AllFinish() const;
  std::size_t Connections() const;
  Worker& ChooseWorker();
  template <class Condition>
  bool WaitFor(Condition condition, milliseconds timeout);

  const ServerOptions options_;
  const ServerParts parts_;
  HttpMetrics metrics_;
  NodeHealth health_;
  Endpoints endpoints_;
  // Destroyed after the sockets and timers that belong to its loops.
  async::IoThreads threads_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t next_worker_ = 0;
  Listeners main_;
  Listeners service_;
  std::vector<observe::Metrics::Registration> gauges_;
  std::atomic<bool> stopped_ = false;
};

Status HttpServer::Listen(const std::string& bind, Listeners& listeners) {
  EIDER_ASSIGN_OR_RETURN(ListenPlan plan, PlanListening(bind, options_.loopback_only));
  if (!plan.warning.empty()) parts_.log.Warn(plan.warning, {{"bind", bind}});
  for (ListenAddress& address : plan.addresses) {
    // With port 0 all addresses share the port that the first one got.
    if (address.port == 0 && !listeners.empty()) address.port = listeners.front()->port();
    auto listener = Listener::Open(threads_.loop(0), address, parts_.log);
    if (!listener && address.optional) continue;
    if (!listener) return std::move(listener).error();
    listeners.push_back(std::move(*listener));
  }
  return {};
}

Status HttpServer::Open() {
  if (!options_.serves_at_once) health_.set_phase(Phase::kStarting);
  EIDER_RETURN_IF_ERROR(Listen(options_.bind, main_));
  if (!options_.service_bind.empty()) EIDER_RETURN_IF_ERROR(Listen(options_.service_bind, service_));
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    workers_.push_back(std::make_unique<Worker>(threads_.loop(i), parts_.log, [this] { parts_.admission.Expire(); }));
  }
  AddGauges();
  for (auto& worker : workers_) worker->Start();
  Accept(main_, Service::kMain);
  Accept(service_, Service::kHealthOnly);
  return {};
}

void HttpServer::Accept(Listeners& listeners, Service service) {
  for (auto& listener : listeners) {
    listener->Start([this]() -> Worker& { return ChooseWorker(); },
                    [this, service](Worker& worker, Socket socket) {
                      if (Connections() >= options_.max_connections || stopped_) return;
                      // A thread that has just woken it may be the last to let go of it.
                      async::MakeOnLoop<Connection>(worker.loop(), std::move(socket), service, worker, endpoints_,
                                                    options_)
                          ->Start();
                    });
  }
}

// Called on the listeners' loop only. Connections go round, past a worker that has more than the others.
Worker& HttpServer::ChooseWorker() {
  next_worker_ = (next_worker_ + 1) % workers_.size();
  Worker* chosen = workers_[next_worker_].get();
  for (auto& worker : workers_) {
    if (worker->connections() < chosen->connections()) chosen = worker.get();
  }
  return *chosen;
}

void HttpServer::AddGauges() {
  const auto add = [this](const char* name, const char* help, std::function<double()> read) {
    gauges_.push_back(parts_.metrics.AddGauge(name, help, std::move(read)));
  };
  add("eider_queries_running", "Queries that run now.",
      [this] { return std::max(0.0, static_cast<double>(Running() - parts_.admission.counts().queued)); });
  add("eider_queries_queued", "Queries that wait for admission.",
      [this] { return static_cast<double>(parts_.admission.counts().queued); });
  add("eider_http_connections", "Open connections.", [this] { return static_cast<double>(Connections()); });
}

bool HttpServer::IsAlive() const {
  return std::ranges::all_of(workers_, [](const auto& worker) { return worker->HasTurned(kLoopLimit); });
}

bool HttpServer::AllFinish() const {
  return std::ranges::all_of(workers_, [](const auto& worker) { return worker->is_finishing(); });
}

int HttpServer::Running() const {
  int running = 0;
  for (const auto& worker : workers_) running += worker->running();
  return running;
}

std::size_t HttpServer::Connections() const {
  std::size_t connections = 0;
  for (const auto& worker : workers_) connections += worker->connections();
  return connections;
}

template <class Condition>
bool HttpServer::WaitFor(Condition condition, milliseconds timeout) {
  const Deadline deadline = Deadline::After(timeout);
  while (!condition()) {
    if (deadline.Passed()) return false;
    std::this_thread::sleep_for(kPollInterval);
  }
  return true;
}

void HttpServer::Drain(milliseconds delay, milliseconds timeout) {
  health_.set_phase(Phase::kAnnounced);
  parts_.log.Info("draining", {{"delay_ms", delay.count()}, {"timeout_ms", timeout.count()}});
  WaitFor([this] { return stopped_.load(); }, delay);
  health_.set_phase(Phase::kRefusing);
  for (auto& worker : workers_) worker->FinishSoon();
  // A request may have been let in a moment ago and not run yet.
  if (WaitFor([this] { return stopped_ || (AllFinish() && Running() == 0); }, timeout)) return;
  parts_.log.Warn("cancelling queries that did not end in time", {{"queries", Running()}});
  for (auto& worker : workers_) worker->CancelAll();
  WaitFor([this] { return Running() == 0; }, std::chrono::seconds(5));
}

void HttpServer::Stop() {
  if (stopped_.exchange(true)) return;
  health_.set_phase(Phase::kStopped);
  gauges_.clear();
  for (auto& listener : main_) listener->Close();
  for (auto& listener : service_) listener->Close();
  // A connection that was accepted just now may join after the first round.
  const auto all_closed = [this] {
    for (auto& worker : workers_) worker->CancelAll();
    return Connections() == 0;
  };
  if (!WaitFor(all_closed, std::chrono::seconds(5))) {
    parts_.log.Warn("waiting for queries that do not end", {{"queries", Running()}});
    while (!WaitFor(all_closed, std::chrono::seconds(1))) {
    }
  }
  threads_.Stop();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(ServerOptions options, ServerParts parts) {
  auto server = std::make_unique<HttpServer>(std::move(options), std::move(parts));
  EIDER_RETURN_IF_ERROR(server->Open());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace eider::http
