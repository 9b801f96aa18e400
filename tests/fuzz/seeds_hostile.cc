// Seeds of the hostile member: lives as hostile/hostile_script.cc reads them, one for each kind of
// thing that it does, and a few that are made by lot.
#include <random>
#include <string>

#include "tests/fuzz/seeds.h"

namespace atozsync {
namespace {

// Steps, in the order of HostileScript::Step(); 25 times a pause is added to them.
enum StepKind : uint8_t {
  kUpdate = 0,
  kPage = 3,
  kHello = 4,
  kMembers = 5,
  kAck = 6,
  kQuestion = 7,
  kUnasked = 9,
  kContent = 10,
  kChunks = 12,
  kRaw = 14,
  kFrame = 15,
  kAgain = 16,
  kReconnect = 17,
  kBehave = 18,
  kUser = 19,
  kPerson = 21,
  kLater = 24
};
constexpr uint8_t kPauseOfASecond = 8 * 25;

constexpr uint8_t kXray = 0;  // places in the list of paths of forge.cc
constexpr uint8_t kTop = 1;
constexpr uint8_t kBig = 2;
constexpr uint8_t kSmithsFolder = 6;
constexpr uint8_t kNew = 8;
constexpr uint8_t kOwnFolder = 15;

constexpr uint8_t kTombstone = 0;  // kinds of rows; 4 times the number of twists is added
constexpr uint8_t kDir = 1;
constexpr uint8_t kFile = 2;

void AddLives(Seeds& seeds) {
  const auto add = [&](const std::string& name, Bytes steps) {
    steps.insert(steps.begin(), {1, 0});  // the world's number; it greets
    seeds["hostile_peer/seed-" + name] = steps;
  };
  add("honest", {kUpdate, 3, kNew, kFile, 1, kTop, kFile, 2, kXray, kTombstone, kNew, kDir, kLater,
                 kUser, 5, kTop, kLater});
  add("edits-of-both",
      {kUser, 7,      kTop,  kUpdate, 0,     kTop,    kFile + 4, 3,     4,     kLater, kPerson,
       1,     kLater, kUser, 0,       kXray, kUpdate, 0,         kXray, kFile, 4,      kLater});
  add("folder-for-file", {kUpdate, 1, kTop, kDir, kSmithsFolder, kFile, 9, kLater, kPerson, 2,
                          kUpdate, 0, kSmithsFolder, kTombstone, kLater});
  add("conflicts", {kUpdate, 193,    kTop,    0, kTop,   kFile,   5, kTop,   kFile,   6, 1,     0,
                    0,       kLater, kPerson, 1, kLater, kPerson, 2, kLater, kPerson, 7, kLater});
  add("our-own-folder", {kUpdate, 2, kOwnFolder, kFile, 1, 17, kFile, 1, 16, kTombstone, kLater,
                         kQuestion, 0, 1, kOwnFolder, 1, 0, 9, kLater});
  add("end-of-time", {kUpdate, 0, kTop, kFile + 12, 1, 7, 192, 5, 70, 192, 6, 70, 192, kLater,
                      kUser, 3, kTop, kLater});
  add("lies-about-content",
      {kBehave, 2,     kUpdate, 2,        kBig,    kFile,    35,       kNew,    kFile,
       50,      kXray, kFile,   1,        kLater,  kContent, 4,        kChunks, 3,
       1,       1,     2,       kContent, 0,       90,       kContent, 6,       0,
       2,       'x',   'y',     kLater,   kChunks, 9,        kContent, 9,       kLater});
  add("hello-again", {kHello, 4, 3,  5,          5, 70,     6, 80, 7, 9, kReconnect, 4,     kHello,
                      1,      0, 99, kReconnect, 0, kHello, 2, 5,  1, 8, 2,          kLater});
  add("members", {kMembers, 3, 1,   0, 0, 1, 192, 130,    0,          0, 0,
                  70,       3, 200, 1, 0, 1, 192, kLater, kReconnect, 1, kLater});
  add("asks-and-never-reads",
      {kBehave, 128, kQuestion, 2, 1,  kSmithsFolder, 0,   kAgain, 255, kQuestion, 0, 1,
       kBig,    100, kBig,      0, 80, kAgain,        200, kLater});
  add("pages-and-acknowledgements",
      {kPage, 0,    kNew,       kFile, 1,          0,  200, kAck,       192, kPage,
       1,     kTop, kTombstone, kNew,  kTombstone, 80, 3,   kReconnect, 2,   kLater});
  add("rubbish",
      {kRaw, 0, 0,      3,  'a', 'b', 'c', kReconnect, 0,      kFrame, 3, 0, 4,   8,     1,
       16,   2, kFrame, 99, 255, 2,   'h', 'i',        kFrame, 1,      7, 1, 'x', kLater});
  add("answers-nobody-asked-for",
      {kUnasked,   2, 1,        100, 1, 1,    2,     1,        'a',        1, 1,
       kReconnect, 0, kUnasked, 3,   1, kTop, kFile, 1,        kReconnect, 0, kUnasked,
       4,          1, 0,        1,   1, 1,    1,     kUnasked, 5,          1, kLater});
}

}  // namespace

void AddHostileSeeds(Seeds& seeds) {
  AddLives(seeds);
  for (uint32_t number = 1; number <= 6; ++number) {
    std::minstd_rand random(number);
    Bytes life = {static_cast<uint8_t>(number), 0};
    while (life.size() < 100 * number) {
      // Steps and their fields are small numbers mostly.
      const uint32_t drawn = static_cast<uint32_t>(random() >> 8);
      life.push_back(static_cast<uint8_t>(drawn % 4 == 0 ? drawn >> 4 : (drawn >> 4) % 32));
      if (drawn % 9 == 0) life.push_back(static_cast<uint8_t>(kUpdate + kPauseOfASecond));
    }
    seeds["hostile_peer/seed-by-lot-" + std::to_string(number)] = life;
  }
}

}  // namespace atozsync
