// Exchange() for systems that cannot swap two names in one step, from three renames none of which
// ever replaces anything:
//
//   b → room,  a → b,  room → a
//
// At any moment each of the files has a name, and the three names say how far it came, so that
// SettleByRenames() can go on after a crash (docs/windows.md, "Swapping"). Pure work on a
// FileSystem.
#pragma once

#include "sync/base/file_system.h"

namespace atozsync {

// As FileSystem::Exchange() and SettleExchange() say.
Status ExchangeByRenames(FileSystem& files, const RelPath& a, const RelPath& b);
Result<Settled> SettleByRenames(FileSystem& files, const RelPath& a, const RelPath& b,
                                const RelPath& aside);

}  // namespace atozsync
