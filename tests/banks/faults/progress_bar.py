"""Right work that shows a progress bar."""

CODE = """\
from tqdm.auto import tqdm
for _ in tqdm(range(20), desc="steps"):
    pass
"""


def submission(kit):
    name = kit.alone(3)
    work = kit.solved(**{name: kit.body(name, CODE)})
    return kit.hand_in(__name__, __doc__, work)
