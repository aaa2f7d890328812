"""Right work; awaits something in a cell, as notebooks can."""

from autograder.samples.kit import with_cell

CODE = """\
import asyncio
await asyncio.sleep(0)
asyncio.ensure_future(asyncio.sleep(1000))
"""


def submission(kit):
    return kit.hand_in(__name__, __doc__, with_cell(kit.solved(), CODE))
