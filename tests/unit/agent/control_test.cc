#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "agent/control_client.h"
#include "agent/control_exchange.h"
#include "agent/control_server.h"
#include "tests/unit/agent/test_dir.h"

namespace atozsync {
namespace {

// A loop thread, as the executor has one.
class TestLoop {
 public:
  TestLoop() : thread_([this] { Run(); }) {}
  ~TestLoop() {
    Post(nullptr);
    thread_.join();
  }
  void Post(Task task) {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
  }

 private:
  void Run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !tasks_.empty(); });
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      if (!task) return;
      task();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::thread thread_;
};

class Echo final : public ControlHandler {
 public:
  void OnControl(ControlRequest request, Line line, Done done) override {
    const std::string what = request.path[0];
    if (what == "resync" && FlagAt(request.body, "refuse")) {
      return done(ErrorReply(503, "the folder is missing"));
    }
    if (what == "resync") {
      line({{"progress", "one"}});
      line({{"progress", "two"}});
    }
    if (what == "never") {
      kept_.push_back(std::move(done));
    } else if (what == "dropped") {
      return;
    } else if (what == "refuse") {
      done(ErrorReply(400, "not like this"));
    } else {
      done({200, {{"method", request.method}, {"path", request.path}, {"body", request.body}}});
    }
    if (what == "never") arrived.Post(nullptr);
  }
  struct Arrival {
    void Post(Task) {
      std::lock_guard lock(mutex);
      there = true;
      changed.notify_all();
    }
    void Wait() {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return there; });
    }
    std::mutex mutex;
    std::condition_variable changed;
    bool there = false;
  } arrived;

 private:
  std::vector<Done> kept_;
};

class ControlTest : public testing::Test {
 protected:
  void Start() {
    Result<std::unique_ptr<ControlServer>> started = ControlServer::Start(
        state_, [this](Task task) { loop_.Post(std::move(task)); }, &echo_);
    ASSERT_TRUE(started.ok()) << started.error().context;
    server_ = std::move(*started);
  }
  TestDir dir_;
  StateDir state_{dir_.path()};
  Echo echo_;
  TestLoop loop_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlTest, ARequestReachesTheLoopAndIsAnswered) {
  Start();
  Result<Json> reply =
      ControlClient(state_).Call("POST", "/v1/conflicts/ab/resolve", {{"keep", "both"}});
  ASSERT_TRUE(reply.ok()) << reply.error().context;
  EXPECT_EQ(reply->dump(),
            R"({"body":{"keep":"both"},"method":"POST","path":["conflicts","ab","resolve"]})");
}

TEST_F(ControlTest, OnlyTheOwnerMayConnect) {
  Start();
  struct stat info {};
  ASSERT_EQ(::stat(state_.ControlSocket().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(ControlTest, AStreamGivesItsLinesAndThenTheReply) {
  Start();
  std::vector<std::string> lines;
  Result<Json> reply = ControlClient(state_).Stream(
      "/v1/resync", {{"verify", true}},
      [&](const Json& line) { lines.push_back(TextAt(line, "progress")); });
  ASSERT_TRUE(reply.ok()) << reply.error().context;
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(FlagAt((*reply)["body"], "verify"));
}

TEST_F(ControlTest, ARefusedStreamSaysSo) {
  Start();
  Result<Json> reply =
      ControlClient(state_).Stream("/v1/resync", {{"refuse", true}}, [](const Json&) {});
  ASSERT_TRUE(reply.Is(Errc::kBusy));
  EXPECT_EQ(reply.error().context, "the folder is missing");
}

TEST_F(ControlTest, RefusalsArriveInWords) {
  Start();
  Result<Json> reply = ControlClient(state_).Call("GET", "/v1/refuse");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kInvalid);
  EXPECT_EQ(reply.error().context, "not like this");
}

TEST_F(ControlTest, ADroppedRequestIsAnsweredToo) {
  Start();
  EXPECT_TRUE(ControlClient(state_).Call("GET", "/v1/dropped").Is(Errc::kBusy));
}

TEST_F(ControlTest, StoppingAnswersWhatIsOpen) {
  Start();
  std::thread asking(
      [&] { EXPECT_TRUE(ControlClient(state_).Call("GET", "/v1/never").Is(Errc::kBusy)); });
  echo_.arrived.Wait();
  server_.reset();
  asking.join();
}

TEST_F(ControlTest, WithoutAnAgentThatIsSaid) {
  Result<Json> reply = ControlClient(state_).Call("GET", "/v1/status");
  EXPECT_TRUE(reply.Is(Errc::kPeerGone));
  EXPECT_FALSE(ControlClient(state_).AgentIsRunning());
}

TEST_F(ControlTest, ASocketLeftBehindIsReplaced) {
  dir_.Write("control.sock", "");
  EXPECT_FALSE(ControlClient(state_).AgentIsRunning());
  Start();
  EXPECT_TRUE(ControlClient(state_).AgentIsRunning());
}

TEST_F(ControlTest, WorksBelowALongPath) {
  std::string deep = dir_.path();
  for (int i = 0; i < 6; ++i) {
    deep += "/a-directory-with-a-long-name";
    std::filesystem::create_directory(deep);
  }
  state_ = StateDir(deep);
  Start();
  EXPECT_TRUE(ControlClient(state_).AgentIsRunning());
}

// What keeps a stream of many lines from dropping some, and from running for nobody.
TEST(ControlExchangeTest, AReaderThatIsSlowOrGoneIsSeen) {
  ControlExchange exchange;
  for (size_t i = 0; i < ControlExchange::kLinesOfRoom; ++i) {
    EXPECT_TRUE(exchange.WaitForRoom(0));
    exchange.AddLine({{"line", i}});
  }
  EXPECT_FALSE(exchange.WaitForRoom(0));
  EXPECT_EQ(exchange.NextLine(0), "{\"line\":0}\n");
  EXPECT_TRUE(exchange.WaitForRoom(0));
  exchange.AddLine({{"line", "last"}});
  EXPECT_FALSE(exchange.gone());
  exchange.Leave();
  EXPECT_TRUE(exchange.gone());
  EXPECT_TRUE(exchange.WaitForRoom(0));  // nobody waits for the sake of nobody
}

TEST_F(ControlTest, RubbishIsRefused) {
  Start();
  EXPECT_TRUE(ControlClient(state_).Call("POST", "/v1/x", Json::array({1})).Is(Errc::kInvalid));
  EXPECT_TRUE(ControlClient(state_).Call("GET", "/other").ok() == false);
}

}  // namespace
}  // namespace atozsync
