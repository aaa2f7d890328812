"""Forks a process that leaves its session, ignores signals and goes on writing where the next submission may look."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for second in range(600):
            for folder in ("/tmp", "/var/tmp", "/dev/shm", os.getcwd()):
                try:
                    with open(folder + "/left-behind-by-a-submission", "w") as file:
                        file.write("worst_case_shift = lambda w, eps: (1.0, w)")
                except OSError:
                    pass
            time.sleep(1)
    os._exit(0)


def worst_case_shift(w, eps):
    raise NotImplementedError
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="starts or ends processes (os.fork)", hostile=True
    )
