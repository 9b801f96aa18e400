"""The oracle itself: what it has to explain, and – more important – what it has to reject."""

import unittest

from histories import Plan, Step
from oracle import explain
from shrink import shrink

A, B, C = range(3)


def stable(value, *losers):
    return ("stable", value, frozenset(losers))


class OracleTest(unittest.TestCase):

    def accepted(self, *observations, nodes=2):
        verdict = explain(nodes, observations)
        self.assertTrue(verdict.ok, verdict.describe(observations))
        return verdict

    def rejected(self, *observations, nodes=2, at=None):
        verdict = explain(nodes, observations)
        self.assertFalse(verdict.ok, verdict.describe(observations))
        self.assertFalse(verdict.gave_up, "too large a search")
        if at is not None:
            self.assertEqual(at, verdict.reached, verdict.describe(observations))

    # --- what happens in life ---

    def test_a_file_arrives(self):
        self.accepted(("write", A, 1, None), ("read", B, None), ("read", B, 1), stable(1))

    def test_an_edit_of_what_arrived(self):
        self.accepted(("write", A, 1, None), ("write", B, 2, 1), ("read", A, 1), ("read", A, 2),
                      stable(2))

    def test_two_made_apart(self):
        both = ("write", A, 1, None), ("write", B, 2, None)
        self.accepted(*both, stable(1, 2))
        self.accepted(*both, stable(2, 1))

    def test_a_loser_is_seen_until_the_winner_comes(self):
        self.accepted(("write", A, 1, None), ("write", B, 2, None), ("read", A, 1), ("read", B, 2),
                      ("read", A, 2), stable(2, 1))

    def test_three_made_apart(self):
        self.accepted(("write", A, 1, None), ("write", B, 2, None), ("write", C, 3, None),
                      stable(2, 1, 3), nodes=3)

    def test_an_unnoticed_value_leaves_no_trace(self):
        self.accepted(("write", A, 1, None), ("write", A, 2, 1), ("write", B, 3, None),
                      stable(3, 2))

    def test_an_edit_wins_against_a_deletion(self):
        apart = ("write", A, 1, None), stable(1), ("write", A, None, 1), ("write", B, 2, 1)
        self.accepted(*apart, stable(2, None))

    def test_a_deletion_of_what_was_edited_has_seen_it(self):
        self.accepted(("write", A, 1, None), stable(1), ("write", B, 2, 1), ("read", A, 2),
                      ("write", A, None, 2), stable(None))

    def test_made_anew_after_a_deletion_that_all_have(self):
        self.accepted(("write", A, 1, None), stable(1), ("write", A, None, 1), stable(None),
                      ("write", B, 2, None), stable(2))

    def test_made_and_deleted_before_anybody_looked(self):
        self.accepted(("write", A, 1, None), ("write", A, None, 1), stable(None))

    def test_three_nodes_relay(self):
        self.accepted(("write", A, 1, None), ("freeze", A), ("read", C, 1), ("write", C, 2, 1),
                      ("read", B, 2), ("thaw", A), stable(2), nodes=3)

    def test_the_chain_spares_a_conflict(self):
        # B replaced exactly what A has: whoever hears both sees nothing to review.
        self.accepted(("write", A, 1, None), stable(1), ("write", A, 2, 1), ("write", A, 1, 2),
                      ("write", B, 3, 1), stable(3))

    # --- what must never be ---

    def test_a_lost_write(self):
        self.rejected(("write", A, 1, None), stable(None), at=1)
        self.rejected(("write", A, 1, None), stable(1), ("write", B, 2, 1), stable(1), at=3)

    def test_a_value_out_of_nowhere(self):
        self.rejected(("write", A, 1, None), ("read", B, 7), at=1)
        self.rejected(("write", A, 1, None), ("write", B, 2, 7), at=1)
        self.rejected(("write", A, 1, None), stable(7), at=1)

    def test_a_value_of_the_future(self):
        self.rejected(("read", B, 1), ("write", A, 1, None), at=0)

    def test_a_stale_read_after_stabilization(self):
        self.rejected(("write", A, 1, None), stable(1), ("write", A, 2, 1), stable(2),
                      ("read", B, 1), at=4)

    def test_going_back(self):
        self.rejected(("write", A, 1, None), stable(1), ("write", A, 2, 1), ("read", B, 2),
                      ("read", B, 1), stable(2), at=4)

    def test_a_lost_conflict(self):
        both = ("write", A, 1, None), ("write", B, 2, None)
        self.rejected(*both, stable(1), at=2)
        self.rejected(*both, stable(2), at=2)
        self.rejected(*both, ("write", C, 3, None), stable(2, 3), at=3, nodes=3)

    def test_a_conflict_that_nobody_made(self):
        self.rejected(("write", A, 1, None), stable(1), ("write", B, 2, 1), stable(2, 1), at=3)
        self.rejected(("write", A, 1, None), ("read", B, 1), ("write", B, 2, 1), stable(2, 1),
                      at=3)

    def test_a_conflict_that_goes_away(self):
        self.rejected(("write", A, 1, None), ("write", B, 2, None), stable(1, 2),
                      ("write", A, 3, 1), stable(3))

    def test_a_deletion_that_comes_back(self):
        gone = ("write", A, 1, None), stable(1), ("write", A, None, 1), stable(None)
        self.rejected(*gone, ("read", B, 1), at=4)
        self.rejected(*gone, stable(1), at=4)
        self.rejected(*gone, ("write", C, 2, None), ("read", B, 1), stable(2), at=5, nodes=3)

    def test_what_was_under_way_comes_after_all_have_come_to_rest(self):
        # B may never have had 1; but when nothing is left to do, it has heard of it and its end.
        self.rejected(("write", A, 1, None), ("write", A, None, 1), stable(None), ("read", B, 1),
                      at=3)

    def test_a_deletion_wins_against_an_edit(self):
        self.rejected(("write", A, 1, None), stable(1), ("write", A, None, 1), ("write", B, 2, 1),
                      stable(None, 2), at=4)

    def test_a_file_deleted_by_nobody(self):
        self.rejected(("write", A, 1, None), stable(1), ("read", B, None), at=2)

    def test_the_earlier_one_wins(self):
        # B noticed 2 before A wrote 3, for C saw it: 3 is later, however the two are heard of.
        self.rejected(("write", A, 1, None), stable(1), ("freeze", A), ("write", B, 2, 1),
                      ("read", C, 2), ("write", A, 3, 1), ("thaw", A), stable(2, 3), at=7, nodes=3)

    def test_an_agent_that_stands_still_does_nothing(self):
        self.rejected(("freeze", B), ("write", A, 1, None), ("read", B, 1), at=2)
        self.rejected(("freeze", A), ("write", A, 1, None), ("read", B, 1), at=2)

    def test_too_large_is_said(self):
        writes = [("write", node, 10 * i + node, None if i == 0 else 10 * (i - 1) + node)
                  for i in range(2) for node in range(3)]
        observations = writes + [stable(1)]
        verdict = explain(3, observations, states_max=50)
        self.assertFalse(verdict.ok)
        self.assertIn("gave up", verdict.describe(observations))


class ShrinkTest(unittest.TestCase):

    def test_only_what_matters_stays(self):
        writes = tuple(Step(100 * i, "write", i % 3) for i in range(4))
        plan = Plan(1, (writes, (Step(0, "read", 0), Step(10, "delete", 2))))
        freezes = ((Step(0, "freeze", 0), Step(1, "freeze", 1), Step(50, "thaw", 0),
                    Step(60, "thaw", 1)), ())

        def fails(plan, freezes):
            wrong = writes[1] in plan.phases[0] and any(s.what == "delete" for s in plan.phases[1])
            return wrong and any(s.node == 1 for s in freezes[0]) and "wrong"

        self.assertEqual((Plan(1, ((writes[1],), (Step(10, "delete", 2),))),
                          ((Step(1, "freeze", 1), Step(60, "thaw", 1)), ()), "wrong"),
                         shrink(plan, freezes, fails, 60))

    def test_what_does_not_fail_again(self):
        self.assertIsNone(shrink(Plan(1, ((),)), ((),), lambda *_: None, 60))


if __name__ == "__main__":
    unittest.main()
