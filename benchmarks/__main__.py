"""Everything that the course quotes, measured again: `python -m benchmarks`, or `make bench`.

Trains the zoo, then runs each benchmark in the order in which one may need the other's results. The
benchmarks on real data are left out: they need files that do not come with the course.
"""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = (
    "world_speed",
    "train_zoo",
    "lecture1_table",
    "lecture2_defences",
    "lecture2_signs",
    "lecture2_faces",
    "lecture3_horizon",
    "lecture4_shortcuts",
    "selfsup_labels",
    "simclr_ablation",
    "selfsup_robustness",
    "beyond_table",
    "oracles",
    "world_card",
    "signs_card",
    "faces_card",
    "clips_card",
    "corruption_levels",
    "corruption_speed",
    "augmentation_speed",
    "simclr_speed",
    "throughput",
)


def main() -> None:
    for script in SCRIPTS:
        print(f"== {script}", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, str(HERE / f"{script}.py")])
        if done.returncode:
            sys.exit(f"{script} failed with exit status {done.returncode}")
        print(f"== {script}: {(time.monotonic() - began) / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
