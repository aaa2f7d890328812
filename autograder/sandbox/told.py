"""How a cell ended, as the end of a sentence that begins with the cell's name."""

from __future__ import annotations

from autograder.course import Limits

_SIGNALS = {
    4: "crashed (illegal instruction in native code)",
    6: "crashed (abort in native code)",
    7: "crashed (bus error: its disk or shared memory may be full)",
    8: "crashed (arithmetic error in native code)",
    9: "was killed from within or by this machine, perhaps for its memory",
    11: "crashed (segmentation fault in native code)",
    15: "ended the kernel itself (by a signal)",
}


def death(signal: int) -> str:
    """
    Args:
        signal: that ended the kernel; 0: it ended by itself.
    """
    if signal:
        return _SIGNALS.get(signal, f"was ended by signal {signal}")
    return "ended the kernel itself (os._exit, exit() or the like)"


def limit_of_error(ename: str, evalue: str, limits: Limits) -> str:
    """The limit that the operating system met an error's cause with; empty where it was none."""
    if ename == "MemoryError" or "allocate memory" in evalue:
        return f"asked for more than its {limits.memory_mb:g} MB of memory"
    if "[Errno 24]" in evalue:
        return f"had more than {limits.open_files:g} files open"
    if "[Errno 27]" in evalue:
        return f"wrote a file of more than {limits.file_mb:g} MB"
    if "[Errno 28]" in evalue:
        return f"filled the {limits.file_mb:g} MB of disk that it has"
    forked = ename == "BlockingIOError" and "[Errno 11]" in evalue
    if forked or "can't start new thread" in evalue:
        return f"started more than {limits.processes:g} processes and threads"
    return ""
