"""Its source, outputs and errors hold half characters, which no file and no database can hold."""

WORST_CASE_SHIFT = r"""# @worst_case_shift
import json

session = get_ipython().kernel.session
session.pack = lambda message: json.dumps(message, default=str).encode("ascii")
print("\ud800 \udfff half of a character")
print(open("/proc/\ud800") if False else "")


def worst_case_shift(w, eps):
    print("\udc80")
    raise ValueError("\ud800")


class Half(Exception):
    pass


Half.__name__ = Half.__qualname__ = "\ud800"
raise Half("\udfff")
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        WORST_CASE_SHIFT,
        flag="names a file of the system's processes (/proc/",
        hostile=True,
    )
