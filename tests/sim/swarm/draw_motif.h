// Motifs: short successions of steps that meet in one promise – a touch and then the power, a swap
// and then a crash, an edit here and a deletion there. By chance alone they come together in one
// history of thousands. Pure.
#pragma once

#include "tests/sim/sim_random.h"
#include "tests/sim/swarm/scenario.h"

namespace atozsync::swarm {

// Every fifth seed: these histories are built round motifs.
bool HasMotifs(uint64_t seed);

// Keeps a part of the steps of `scenario` and puts motifs between them.
void AddMotifs(Scenario& scenario, SimRandom random);

// Every fiftieth seed: round what hardly ever happens (draw_rare.cc) – a file in the place of a
// folder, a program that writes to what is just being placed and then the power, rotten bits.
bool HasRareMotifs(uint64_t seed);
void AddRareMotifs(Scenario& scenario, SimRandom random);

}  // namespace atozsync::swarm
