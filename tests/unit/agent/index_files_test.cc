#include "agent/index_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "sync/index/mem_index.h"

namespace atozsync {
namespace {

class IndexFilesTest : public testing::Test {
 protected:
  static FileVersion Version(VersionKind kind) {
    FileVersion version;
    version.kind = kind;
    version.hash = {1, 2};
    return version;
  }
  void Add(const std::string& path, VersionKind kind) {
    IndexRow row;
    row.path = RelPath::Trusted(path);
    row.version = Version(kind);
    batch_.rows.push_back(row);
  }
  void Want(const std::string& path, VersionKind kind = VersionKind::kFile) {
    Need need;
    need.path = RelPath::Trusted(path);
    need.peer = peer_;
    need.version = Version(kind);
    batch_.needs.push_back(need);
  }
  void Commit() {
    Status committed = index_.Commit(batch_);
    ASSERT_TRUE(committed.ok()) << committed.ToString();
    batch_ = {};
  }
  // Path → place; every page but those of one big folder is short.
  std::map<std::string, FilePlace> Walk() {
    std::map<std::string, FilePlace> found;
    IndexWalk walk;
    while (!walk.done()) {
      for (const ListedFile& file : walk.Turn(index_, names_, [this] { return held_; })) {
        found[file.path.str()] = file.place;
        from_[file.path.str()] = file.from;
      }
      ++turns_;
    }
    return found;
  }

  MemIndex index_{1};
  IndexBatch batch_;
  ReplicaId peer_;
  PeerNames names_ = [](const ReplicaId&) { return "north-office"; };
  std::vector<HeldFile> held_;
  std::map<std::string, std::string> from_;
  size_t turns_ = 0;
};

TEST_F(IndexFilesTest, AWalkGivesWhatIsHereComingAndHeld) {
  Add("S", VersionKind::kDir);
  Add("S/SmithJohn15", VersionKind::kDir);
  Add("S/SmithJohn15/a.jpg", VersionKind::kFile);
  Add("S/SmithJohn15/deleted.jpg", VersionKind::kTombstone);
  Add("root.gif", VersionKind::kFile);
  Want("S/SmithJohn15/b.jpg");
  Want("S/SmithJohn15/c.jpg", VersionKind::kTombstone);  // a deletion is on its way, no file
  Commit();
  HeldFile held;
  held.path = RelPath::Trusted("S/SmithJohn15/d.jpg");
  held.text = "no row names it yet";
  held_.push_back(held);
  held.path = RelPath::Trusted("root.gif");
  held.why = HeldWhy::kLocked;
  held_.push_back(held);
  EXPECT_THAT(Walk(), testing::ElementsAre(testing::Pair("S/SmithJohn15/a.jpg", FilePlace::kHere),
                                           testing::Pair("S/SmithJohn15/b.jpg", FilePlace::kComing),
                                           testing::Pair("S/SmithJohn15/d.jpg", FilePlace::kHeld),
                                           testing::Pair("root.gif", FilePlace::kHere)));
  EXPECT_EQ(from_["S/SmithJohn15/b.jpg"], "north-office");
  EXPECT_EQ(from_["S/SmithJohn15/d.jpg"], "no row names it yet");
}

TEST_F(IndexFilesTest, AWalkTakesShortTurns) {
  constexpr int kDirs = 200;
  for (int i = 0; i < kDirs; ++i) {
    std::string dir = "d" + std::to_string(i);
    Add(dir, VersionKind::kDir);
    for (int j = 0; j < 20; ++j) Add(dir + "/" + std::to_string(j), VersionKind::kFile);
  }
  for (int i = 0; i < 1200; ++i) Want("coming" + std::to_string(i));
  Commit();
  EXPECT_EQ(Walk().size(), size_t{kDirs} * 20 + 1200);
  EXPECT_GE(turns_, size_t{kDirs} * 20 / IndexWalk::kFilesPerTurn + 3);
}

TEST_F(IndexFilesTest, OneFileStandsSomewhere) {
  Add("here", VersionKind::kFile);
  Add("gone", VersionKind::kTombstone);
  Add("dir", VersionKind::kDir);
  Want("coming");
  KeptVersion kept;
  kept.id = "1";
  kept.path = RelPath::Trusted("gone");
  kept.kept_at = RelPath::Trusted(".atozsync/versions/gone");
  kept.version = Version(VersionKind::kFile);
  batch_.kept.push_back(kept);
  Commit();
  auto standing = [&](const char* path) {
    return StandingOf(index_, names_, RelPath::Trusted(path));
  };
  EXPECT_EQ(standing("here").place, FilePlace::kHere);
  EXPECT_EQ(standing("coming").place, FilePlace::kComing);
  EXPECT_EQ(standing("coming").from, "north-office");
  EXPECT_EQ(standing("gone").place, FilePlace::kNowhere);
  EXPECT_TRUE(standing("gone").kept);
  EXPECT_EQ(standing("dir").place, FilePlace::kNowhere);
  EXPECT_FALSE(standing("never").kept);
}

}  // namespace
}  // namespace atozsync
