"""Where a submission's code runs: a Jupyter kernel that can reach nothing and use only so much.

`bubblewrap` builds the walls, `seccomp` closes what namespaces leave open, `inside` is the first
program within them, `watcher` looks after memory, processor time and processes from outside,
`provisioner` is what Jupyter starts, `kernel` runs cells in it one by one.
"""
