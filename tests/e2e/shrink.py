"""Makes a failing history short: steps are left out as long as it still fails.

Real agents do not fail every time; `fails(plan, freezes)` has to try often enough. What it returns
where it fails (anything true) is kept for the shortest history.
"""

import time


def without_step(plan, phase, index):
    steps = plan.phases[phase]
    left = steps[:index] + steps[index + 1:]
    return plan._replace(phases=plan.phases[:phase] + (left,) + plan.phases[phase + 1:])


def shorter_plans(plan):
    for phase in range(len(plan.phases) - 1, -1, -1):
        for index in range(len(plan.phases[phase]) - 1, -1, -1):
            yield without_step(plan, phase, index)


def shorter_freezes(freezes):
    """Without one node's standing still in one phase."""
    for phase, steps in enumerate(freezes):
        for node in sorted({step.node for step in steps}):
            left = tuple(step for step in steps if step.node != node)
            yield freezes[:phase] + (left,) + freezes[phase + 1:]


def shrink(plan, freezes, fails, budget_s):
    """Returns (plan, freezes, what `fails` said), or None where it does not fail again."""
    end = time.monotonic() + budget_s
    said = fails(plan, freezes)
    if not said:
        return None
    best = (plan, freezes, said)
    progress = True
    while progress:
        progress = False
        plan, freezes, _ = best
        candidates = [(plan, fewer) for fewer in shorter_freezes(freezes)]
        candidates += [(fewer, freezes) for fewer in shorter_plans(plan)]
        for candidate in candidates:
            if time.monotonic() > end:
                return best
            said = fails(*candidate)
            if said:
                best = (*candidate, said)
                progress = True
                break
    return best
