"""What answers the checks in its kernel is replaced by something that says nothing, or says that all is done."""

WORST_CASE_SHIFT = r"""# @worst_case_shift
import boundary.student

line = boundary.student._line


def serve():
    line.sendall(b"\0\0\0\x0b\0\0\0\0\x81\xa2do\xa4done")
    line.sendall(b"\0\0\0\x0b\0\0\0\0\x81\xa2do\xa6passed")


boundary.student.serve = serve


def worst_case_shift(w, eps):
    raise NotImplementedError
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, WORST_CASE_SHIFT, flag="replaces boundary.student.serve", hostile=True
    )
