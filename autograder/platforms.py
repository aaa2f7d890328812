"""What learning platforms write into names and beside files: who handed in, when, and whether late."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

GRADESCOPE_METADATA = "submission_metadata.yml"
_MOST_METADATA = 50_000_000  # bytes; it holds every result of every submission


@dataclass(frozen=True)
class Told:
    """What a name, or a file of the platform's own, says of a submission.

    Attributes:
        number: the platform's own of that person, which tells two of one name apart.
        when: a time as `late.read_timestamp` takes it; empty where it does not say.
        late: what the platform holds of it; None where it does not say.
    """

    who: str
    number: str = ""
    when: str = ""
    late: bool | None = None


# lib/content_zipper.rb of instructure/canvas-lms: NAME_LATE_USER_FILE_whatever, NAME_USER_text.html;
# where names are hidden, anon_CODE takes NAME's and USER's place.
_CANVAS = re.compile(
    r"(?:(?P<name>(?!LATE_)[^_]+)_)?(?P<late>LATE_)?"
    r"(?:(?P<number>\d+)|(?P<code>anon_[A-Za-z0-9]+))_(?:\d+_.+|(?:text|link)(?:\.html)?)"
)
# "First Last_PARTICIPANT_assignsubmission_file_" is a folder, or begins the file's own name.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
# "Lab 1_LOGIN_attempt_2026-11-20-10-22-33_whatever"
_BLACKBOARD = re.compile(
    r".+?_(?P<name>[^_]+)_attempt_(?P<when>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:[_.].*)?"
)
# "12345-67890 - First Last - Nov 20, 2026 1022 AM"
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d+)-\d+ - (?P<name>.+?) - (?P<when>[A-Z][a-z]+ \d\d?, \d{4} \d{1,2}:?\d\d [AP]M)"
)
_EXCHANGE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*")


def told_by(name: str, lab: str) -> Told | None:
    """What the name of a folder or file says, where it follows a platform's pattern beyond doubt."""
    parts = name.split("+")
    if len(parts) >= 2 and _same(parts[1], lab):  # nbgrader's exchange
        stamp = parts[2] if len(parts) > 2 and _EXCHANGE_TIME.fullmatch(parts[2]) else ""
        return Told(parts[0], when=stamp)
    if found := _MOODLE.fullmatch(name):
        return Told(found["name"], found["number"])
    if found := _BRIGHTSPACE.fullmatch(name):
        return Told(found["name"], found["number"], _local(found["when"].replace(":", ""), _TWELVE))
    if found := _BLACKBOARD.fullmatch(name):
        return Told(found["name"], when=_local(found["when"], "%Y-%m-%d-%H-%M-%S"))
    found = _CANVAS.fullmatch(name)
    if found and (found["name"] or found["code"]):
        who = found["name"] or found["code"]
        return Told(who, found["number"] or "", late=found["late"] is not None)
    return None


_TWELVE = "%b %d, %Y %I%M %p"


def _local(text: str, form: str) -> str:
    """A platform's local time, taken for this machine's."""
    for one in (form, form.replace("%b", "%B")):
        try:
            return datetime.strptime(text, one).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        except ValueError:
            continue
    return ""


def namesakes(told: Iterable[Told]) -> set[str]:
    """Names that more than one person has, going by the platform's numbers."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for one in told:
        numbers[one.who.casefold()].add(one.number)
    return {who for who, those in numbers.items() if len(those) > 1}


def gradescope_submitters(metadata: Path) -> dict[str, list[Told]]:
    """Of Gradescope's export: folder of a submission -> who handed it in, a group in one folder too.

    What can't be understood is left out.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if metadata.stat().st_size > _MOST_METADATA:
            return {}
        content = yaml.load(metadata.read_bytes(), Loader=loader)
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return {}
    entries = content.items() if isinstance(content, dict) else ()
    return {str(folder): list(_submitters(entry)) for folder, entry in entries}


def _submitters(entry: Any) -> Iterable[Told]:
    if not isinstance(entry, dict):
        return
    moment = entry.get(":created_at")
    if isinstance(moment, datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        when = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    else:
        when = str(moment or "")
    people = entry.get(":submitters")
    for person in people if isinstance(people, list) else ():
        if isinstance(person, dict):
            names = [person.get(key) for key in (":sid", ":email", ":name")]
            who = next((str(name) for name in names if name), "")
            if who:
                yield Told(who, when=when)


def _same(name: str, lab: str) -> bool:
    return re.sub(r"[\s_\-.]+", "", name).lower() == re.sub(r"[\s_\-.]+", "", lab).lower()
