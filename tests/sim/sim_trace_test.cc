// One seed, one history: a small world with every part in it runs twice and must leave the same
// trace; another seed leaves another one.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/sim/sim_executor.h"
#include "tests/sim/sim_file_system.h"
#include "tests/sim/sim_hint_source.h"
#include "tests/sim/sim_network.h"

namespace atozsync {
namespace {

// Sends every file that is hinted at to the other machine, which stores it and crashes sometimes.
class Machine final : public ConnectionHandler {
 public:
  Machine(SimScheduler& scheduler, SimNetwork& network, const std::string& name)
      : random_(scheduler.random().Fork(name)),
        clock_(scheduler, random_.Between(-5, 5) * kSecond),
        files_(clock_, random_.Fork("files")),
        hints_(scheduler, files_, name, {.overflow_permille = 10}),
        executor_(scheduler, name),
        transport_(scheduler, network, name) {
    EXPECT_TRUE(transport_.Listen(name + ":1").ok());
    transport_.SetAcceptor([this](std::unique_ptr<Connection> incoming) {
      incoming_ = std::move(incoming);
      incoming_->SetHandler(this);
    });
    EXPECT_TRUE(hints_.Start([this](const Hint& hint) { OnHint(hint); }).ok());
  }

  void DialTo(const std::string& address, const ReplicaId& id) {
    transport_.Dial(address, id, StreamUse::kLink, 1000,
                    [this](Result<std::unique_ptr<Connection>> result) {
                      if (result.ok()) outgoing_ = std::move(result).value();
                    });
  }
  void Write(int number) {
    EXPECT_TRUE(files_.WriteFile("f" + std::to_string(number % 7), std::to_string(number)).ok());
  }
  void Crash() { files_.Crash(random_); }

  void OnBytes(ByteSpan bytes) override {
    executor_.Run(
        Lane::kWrite,
        [this, text = std::string(AsText(bytes))] {
          auto file = files_.Create(RelPath::Trusted("in" + std::to_string(++received_)));
          if (file.ok()) (*file)->WriteAt(0, AsBytes(text)).IgnoreError();
        },
        [] {});
  }
  void OnDrained() override {}
  void OnClosed(Status) override {}

 private:
  void OnHint(const Hint& hint) {
    if (outgoing_ == nullptr) return;
    executor_.Run(
        Lane::kHash, [] {},
        [this, path = hint.path] {
          const std::string text = path.str() + files_.ReadFile(path.str()).value_or("gone");
          outgoing_->Send(Bytes(text.begin(), text.end()));
        });
  }

  SimRandom random_;
  SimClock clock_;
  SimFileSystem files_;
  SimHintSource hints_;
  SimExecutor executor_;
  SimTransport transport_;
  std::unique_ptr<Connection> incoming_;
  std::unique_ptr<Connection> outgoing_;
  int received_ = 0;
};

uint64_t TraceOf(uint64_t seed) {
  SimScheduler scheduler(seed);
  SimNetwork network(scheduler);
  ReplicaId ids[2];
  ids[0].bytes.fill(1);
  ids[1].bytes.fill(2);
  network.AddNode("a", ids[0]);
  network.AddNode("b", ids[1]);
  Machine a(scheduler, network, "a");
  Machine b(scheduler, network, "b");
  a.DialTo("b:1", ids[1]);
  scheduler.RunFor(kSecond);
  for (int i = 0; i < 200; ++i) {
    a.Write(i);
    if (i % 50 == 20) network.SetLink("a", "b", false);
    if (i % 50 == 40) network.SetLink("a", "b", true);
    if (i % 60 == 59) b.Crash();
    EXPECT_TRUE(scheduler.RunFor(50 * kMs));
  }
  EXPECT_GT(network.bytes_carried("a", "b"), 200u) << "something must have happened";
  return scheduler.trace_hash();
}

TEST(SimTrace, OneSeedOneHistory) {
  for (uint64_t seed = 1; seed <= 10; ++seed) EXPECT_EQ(TraceOf(seed), TraceOf(seed)) << seed;
  EXPECT_NE(TraceOf(1), TraceOf(2));
}

}  // namespace
}  // namespace atozsync
