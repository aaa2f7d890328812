"""Where a submission's code runs: a Jupyter kernel that can reach nothing and use only so much.

`choice` says which kind of walls this machine has: `bubblewrap` builds them, `container` where that
is not to be had. `places` is what is seen in them and what is not, `allowance` what may be used,
`seccomp` closes what namespaces leave open. `inside` is the first program within them; or `parent`
is, which imports everything once and forks kernels into walls of their own by `forkserver`.
`watcher` looks after memory, processor time and processes from outside, `provisioner` is what Jupyter
starts, `kernel` runs cells in it one by one, `outputs` keeps what they show, `told` says how they end.
"""
