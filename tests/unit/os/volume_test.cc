#include <gtest/gtest.h>

#include "sync/os/posix_volume.h"

namespace atozsync {
namespace {

TEST(VolumeTest, TheKernelsOwnFileSystemsAreLocal) {
  EXPECT_FALSE(IsNetworkFileSystem("/proc"));
  EXPECT_FALSE(IsNetworkFileSystem("/dev"));
}

TEST(VolumeTest, WhatIsNotThereIsNotCalledNetwork) {
  EXPECT_FALSE(IsNetworkFileSystem("/proc/not there"));
  EXPECT_FALSE(IsNetworkFileSystem(-1));
}

}  // namespace
}  // namespace atozsync
