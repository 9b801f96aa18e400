#include "agent/setup/image_root.h"

#include <gtest/gtest.h>

#include <set>

namespace atozsync {
namespace {

const ThisMachine kServer1 = {{"Server1", "10.8.0.1"},
                              {{"OpenDentImages", "/srv/od"}, {"Drive", "D:\\Data"}}};

PracticeFacts Facts() {
  PracticeFacts facts;
  facts.folder_used = "1";
  facts.doc_path = "/srv/images";
  facts.server_id = 2;
  facts.servers = {{"main", 1, ""}, {"north", 2, ""}, {"van", 3, ""}};
  return facts;
}

// A machine that has these folders only.
std::function<bool(const std::string&)> Having(std::set<std::string> folders) {
  return [folders = std::move(folders)](const std::string& path) { return folders.contains(path); };
}

TEST(CheckFolderUsedTest, OnlyAFolderCanBeKeptTheSame) {
  PracticeFacts facts;
  facts.folder_used = "1";
  EXPECT_TRUE(CheckFolderUsed(facts).ok());
  const std::pair<const char*, const char*> others[] = {{"0", "inside the database"},
                                                        {"2", "Dropbox"},
                                                        {"3", "SFTP"},
                                                        {"7", "AtoZfolderUsed 7"},
                                                        {"", "does not say"}};
  for (const auto& [value, reason] : others) {
    facts.folder_used = value;
    Status status = CheckFolderUsed(facts);
    ASSERT_TRUE(status.Is(Errc::kUnsupported)) << value;
    EXPECT_NE(status.error().context.find(reason), std::string::npos) << status.error().context;
  }
}

TEST(LocalPathTest, ASharedFolderOfThisMachineIsALocalOne) {
  const std::pair<const char*, const char*> cases[] = {
      {"/srv/images", "/srv/images"},
      {"\\\\SERVER1\\OpenDentImages", "/srv/od"},
      {"\\\\server1\\opendentimages\\", "/srv/od"},
      {"\\\\10.8.0.1\\OpenDentImages\\a\\\\b", "/srv/od/a/b"},
      {"//Server1/OpenDentImages/a", "/srv/od/a"},
      {"\\\\SERVER1\\drive\\a\\b", "D:\\Data\\a\\b"}};
  for (const auto& [path, local] : cases) {
    EXPECT_EQ(LocalPath(path, kServer1).value_or("none"), local) << path;
  }
}

TEST(LocalPathTest, WhatIsNotOfThisMachineIsNothing) {
  for (const char* path :
       {"\\\\SERVER2\\OpenDentImages", "\\\\SERVER1\\Other", "\\\\SERVER1", "\\\\", "",
        "C:\\Images", "images", "\\\\SERVER1\\OpenDentImages\\..\\secret",
        "\\\\SERVER1x\\OpenDentImages"}) {
    EXPECT_FALSE(LocalPath(path, kServer1).has_value()) << path;
  }
}

TEST(SplitPathsTest, SemicolonsDivide) {
  EXPECT_EQ(SplitPaths("a;b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(SplitPaths(" a b ;; c;"), (std::vector<std::string>{"a b", "c"}));
  EXPECT_TRUE(SplitPaths(" ; ").empty());
}

TEST(FindImageRootTest, TheWorkstationsOwnSettingComesFirstAndIsTakenAsItIs) {
  PracticeFacts facts = Facts();
  facts.servers[1].image_path = "/srv/replica";
  facts.computers = {{"OTHER", "/srv/other"}, {"SERVER1", "/srv/mine"}};
  Result<ImageRoot> root = FindImageRoot(
      facts, kServer1, Having({"/srv/mine", "/srv/replica/A", "/srv/images/A", "/srv/other"}));
  ASSERT_TRUE(root.ok()) << root.error().context;
  EXPECT_EQ(root->path, "/srv/mine") << "no folder A is looked for";
  EXPECT_NE(root->source.find("SERVER1"), std::string::npos);
}

TEST(FindImageRootTest, ThenTheRowOfThisServersId) {
  PracticeFacts facts = Facts();
  facts.servers[0].image_path = "/srv/images";
  facts.servers[1].image_path = "/srv/no;/srv/replica;/srv/images";
  Result<ImageRoot> root =
      FindImageRoot(facts, kServer1, Having({"/srv/no", "/srv/replica/A", "/srv/images/A"}));
  ASSERT_TRUE(root.ok()) << root.error().context;
  EXPECT_EQ(root->path, "/srv/replica") << "the first that has a folder A";
  EXPECT_NE(root->source.find("server_id 2"), std::string::npos);
}

TEST(FindImageRootTest, ThenDataPaths) {
  PracticeFacts facts = Facts();
  facts.doc_path = "\\\\SERVER1\\OpenDentImages;D:\\OpenDentImages";
  facts.computers = {{"OTHER", "/srv/other"}};
  Result<ImageRoot> root = FindImageRoot(facts, kServer1, Having({"/srv/od/A", "/srv/other"}));
  ASSERT_TRUE(root.ok()) << root.error().context;
  EXPECT_EQ(root->path, "/srv/od");
  // No id: rows of replicationserver mean nothing, not even one with id 0.
  facts.server_id = 0;
  facts.servers[0] = {"x", 0, "/srv/replica"};
  EXPECT_EQ(FindImageRoot(facts, kServer1, Having({"/srv/od/A", "/srv/replica/A"}))->path,
            "/srv/od");
}

TEST(FindImageRootTest, ASettingThatNamesNoFolderIsNotPassedOver) {
  PracticeFacts facts = Facts();
  facts.servers[1].image_path = "\\\\SERVER9\\OpenDentImages;/srv/empty";
  Result<ImageRoot> root = FindImageRoot(facts, kServer1, Having({"/srv/images/A"}));
  ASSERT_FALSE(root.ok()) << "Open Dental would not fall back to the next setting either";
  EXPECT_EQ(root.error().code, Errc::kNotFound);
  for (const char* part : {"\\SERVER9", "/srv/empty", "--root", "server_id 2"}) {
    EXPECT_NE(root.error().context.find(part), std::string::npos) << root.error().context;
  }
  facts = {};
  EXPECT_FALSE(FindImageRoot(facts, kServer1, Having({})).ok());
}

TEST(PeerSuggestionsTest, NamesTheOtherServers) {
  const std::string text = PeerSuggestions(Facts());
  EXPECT_NE(text.find("main (server_id 1)"), std::string::npos) << text;
  EXPECT_NE(text.find("van (server_id 3)"), std::string::npos) << text;
  EXPECT_EQ(text.find("north"), std::string::npos) << "that is this one";
  EXPECT_NE(text.find("atozsync join"), std::string::npos) << text;
  EXPECT_EQ(PeerSuggestions({}), "");
}

}  // namespace
}  // namespace atozsync
