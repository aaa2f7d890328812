"""nbgrader's exchange on a machine that students share: collected from, and handed back through, with care.

Students write into its inbound folder themselves, and stock nbgrader believes what lies there. It
follows links with the instructor's rights, to the solution or to somebody else's work; it takes a
folder that names another student; it goes by the time that the student wrote down; and one folder
that can't be read ends the collecting for everybody.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import stat
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets import Bool

from autograder.handed_in import SECRET, TIMESTAMP
from autograder.late import read_timestamp
from autograder.whose import names_lab

_NBGRADERS = "%Y-%m-%d %H:%M:%S.%f UTC"
# Handing in takes a moment: so much may lie between nbgrader's time and the file system's.
_WHILE = timedelta(minutes=5)
_MOST_FILES = 100
_BY_HAND = "look at it in the exchange, and talk to the student"


class NotTaken(Exception):
    """A folder of the inbound folder that is no submission to be taken; says why."""


class Collect(ExchangeCollect):
    """`nbgrader collect` and the formgrader's button.

    Of every student the newest folder that is theirs is taken: ordinary files at its top, links and
    subfolders left out. Where its notebooks were changed after the time that it gives, the file system's
    time counts, which students can't set.
    """

    believe_timestamps = Bool(
        False,
        help="Go by the time in a submission's name even where the file system knows a later one. "
        "For exchanges whose files were copied or restored since.",
    ).tag(config=True)

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """nbgrader's record of a submission; of what is not to be taken, one without a student."""
        name = os.path.basename(path)
        try:
            student, lab, claimed = _parts_of(name)
            if lab != self.coursedir.assignment_id:
                raise NotTaken("its name is not STUDENT+LAB+TIME")
            owner, changed = _owner_and_time(Path(path))
            if self.check_owner and owner != student:
                raise NotTaken(f"it names {student} but belongs to {owner}; {_BY_HAND}")
        except (NotTaken, OSError) as error:
            why = error if isinstance(error, NotTaken) else f"it can't be read ({error.strerror})"
            self.log.warning("not taken: %s: %s", name, why)
            return {"username": "", "filename": name, "timestamp": datetime.min}
        when = claimed
        if changed > claimed + _WHILE and not self.believe_timestamps:
            self.log.warning(
                "%s: says %s, but was changed at %s UTC, which counts", student, claimed, changed
            )
            when = changed
        return {"username": student, "filename": name, "timestamp": when}

    def init_src(self) -> None:
        super().init_src()
        self.src_records: list[dict[str, Any]] = [
            one for one in self.src_records if one["username"]
        ]

    def copy_files(self) -> None:
        lab = self.coursedir.assignment_id
        self.log.info("%s: submissions of %d students are there", lab, len(self.src_records))
        for record in sorted(self.src_records, key=lambda one: one["username"]):
            try:
                self._take(record)
            except OSError as error:
                self.log.error("%s: not collected: %s", record["username"], error)

    def _take(self, record: dict[str, Any]) -> None:
        student, lab = record["username"], self.coursedir.assignment_id
        target = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, lab))
        if target.is_dir():
            before = _time_in(target)
            newer = before is None or record["timestamp"] > before
            chosen_anew = self.before_duedate and record["timestamp"] != before
            if not (self.update and newer) and not chosen_anew:
                also = "" if self.update else " (--update takes newer ones)"
                self.log.info("%s: nothing newer to collect%s", student, also)
                return
        half = target.with_name(f".collecting-{lab}")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        try:
            self._copy(Path(self.inbound_path, record["filename"]), half, student)
            (half / TIMESTAMP).write_text(f"{record['timestamp']:{_NBGRADERS}}\n", encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            half.rename(target)
        finally:
            shutil.rmtree(half, ignore_errors=True)
        self.log.info("%s: collected, handed in at %s UTC", student, record["timestamp"])

    def _copy(self, source: Path, target: Path, student: str) -> None:
        """The ordinary files at the top of a submission; all that is left out is told."""
        lab, most = self.coursedir.assignment_id, 1000 * self.coursedir.max_file_size
        folder = os.open(source, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            owner = os.fstat(folder).st_uid if self.check_owner else None
            names = sorted(os.listdir(folder), key=lambda name: (name != f"{lab}.ipynb", name))
            for name in names[:_MOST_FILES]:
                if any(fnmatch(name, pattern) for pattern in self.coursedir.ignore):
                    continue
                try:
                    (target / name).write_bytes(_contents(folder, name, owner, most))
                except (NotTaken, OSError) as error:
                    self.log.warning("%s: %s is left out: %s", student, name, error)
            if names[_MOST_FILES:]:
                self.log.warning("%s: only %d files were taken", student, _MOST_FILES)
        finally:
            os.close(folder)
        self._under_its_name(target, student)

    def _under_its_name(self, folder: Path, student: str) -> None:
        """A notebook that the student renamed is taken for the lab's; it stays under its own name too."""
        lab = self.coursedir.assignment_id
        notebook = folder / f"{lab}.ipynb"
        others = sorted(folder.glob("*.ipynb"), key=lambda path: (names_lab(path.stem, lab), path))
        if others and not notebook.exists():
            shutil.copyfile(others[-1], notebook)
            self.log.warning("%s: %s is taken for %s", student, others[-1].name, notebook.name)


class ReleaseFeedback(ExchangeReleaseFeedback):
    """`nbgrader release_feedback` and the formgrader's buttons.

    A page goes out under every notebook name that the student handed in, since nbgrader looks for each
    of them, and readable whatever the instructor's umask is. A submission that did not come through
    the exchange is named, and stops nobody else's feedback.
    """

    def copy_files(self) -> None:
        excluded = set(self.coursedir.student_id_exclude.split(","))
        for page in map(Path, sorted(glob.glob(os.path.join(self.src_path, "*.html")))):
            student = page.parents[1].name
            if student not in excluded:
                self._hand_back(page, student)

    def _hand_back(self, page: Path, student: str) -> None:
        secret = page.parent / SECRET
        key = secret.read_bytes().decode("utf-8", "replace") if secret.is_file() else ""
        if not key:
            self.log.warning(
                "%s: not released: the submission did not come through the exchange; hand %s back another way",
                *(student, page),
            )
            return
        lab = self.coursedir.assignment_id
        handed_in = Path(
            self.coursedir.format_path(self.coursedir.submitted_directory, student, lab)
        )
        for name in {page.stem, *(path.stem for path in handed_in.glob("*.ipynb"))}:
            target = Path(self.dest_path, f"{notebook_hash(secret=key, notebook_id=name)}.html")
            half = target.with_suffix(".part")
            shutil.copyfile(page, half)
            half.chmod(0o644)
            half.replace(target)
        self.log.info("%s: feedback released", student)


def _parts_of(name: str) -> tuple[str, str, datetime]:
    """Student, lab and time of a folder's name, STUDENT+LAB+TIME or STUDENT+LAB+TIME+RANDOM."""
    parts = name.rsplit("+", 3)
    claimed = read_timestamp(parts[2]) if len(parts) > 2 else None
    if claimed is None or not parts[0] or parts[0].startswith("."):
        raise NotTaken("its name is not STUDENT+LAB+TIME")
    return parts[0], parts[1], claimed


def _owner_and_time(folder: Path) -> tuple[str, datetime]:
    """Whose a submission is, and when its notebooks were changed last, in UTC; by the file system."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        raise NotTaken("it is no folder")
    inside = [
        entry.stat(follow_symlinks=False)
        for entry in os.scandir(folder)
        if entry.name.endswith(".ipynb")
    ]
    changed = max((one.st_ctime_ns for one in inside), default=about.st_ctime_ns) // 1000
    try:
        owner = pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        owner = f"account {about.st_uid}"
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=changed)
    return owner, moment.replace(tzinfo=None)


def _contents(folder: int, name: str, owner: int | None, most: int) -> bytes:
    """A file's bytes, if it is an ordinary one of its owner's and no larger than `most`."""
    # O_NONBLOCK: opening a named pipe would wait for somebody to write into it
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        link = stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode)
        raise NotTaken("it is a symbolic link" if link else error.strerror) from None
    with open(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise NotTaken("it is no file")
        if owner is not None and about.st_uid != owner:
            raise NotTaken("it belongs to another account")
        content = file.read(most + 1)
    if len(content) > most:
        raise NotTaken(f"it is larger than {most / 1e6:g} MB")
    return content


def _time_in(folder: Path) -> datetime | None:
    file = folder / TIMESTAMP
    return (
        read_timestamp(file.read_text(encoding="utf-8", errors="replace").strip())
        if file.is_file()
        else None
    )
