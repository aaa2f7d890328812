"""One file on its way from one address: range requests, retries, and what counts as an answer."""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from course_utils import __version__, _progress
from course_utils.data.download import Wanted

_CHUNK = 1 << 18  # bytes
_LONGEST_WAIT = 30.0  # seconds between two attempts
_SLOW = 200_000  # bytes a second under which another address is worth a try …
_PATIENCE = 20.0  # … after so many seconds
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # answers that may be better a moment later


class SourceFailed(Exception):
    """This address does not give the file; the message says why."""


class TooSlow(SourceFailed):
    """It would come, but at a crawl; raised only where another address may do better."""


class _Interrupted(Exception):
    """Worth another attempt at the same address."""

    def __init__(self, why: str, wait: float = 0.0, reached: bool = True) -> None:
        super().__init__(why)
        self.wait = wait  # seconds that the server asked for
        self.reached = reached  # False when no connection came about at all


class Transfer:
    """Brings the file of one address to `part`, starting from what is already in it."""

    def __init__(
        self,
        url: str,
        part: Path,
        wanted: Wanted,
        progress: bool,
        timeout: float,
        retries: int,
        backoff: float,
        patient: bool = True,
    ) -> None:
        self.url, self.part, self.wanted, self.progress = url, part, wanted, progress
        self.timeout, self.retries, self.backoff = timeout, retries, backoff
        # Beside the part: which version of which address it is the beginning of.
        self.notes = part.with_name(part.name + ".json")
        self.host = urlsplit(url).netloc
        self.ranges = True
        self.announced: int | None = None  # the whole file's length, as this server has it
        # Only a checksum allows another address to go on with this one's bytes.
        self.patient = patient or not wanted.has_checksum

    def run(self) -> None:
        """Returns with the right bytes in `part`.

        Raises:
            SourceFailed: given up; `part` keeps what may still be continued.
            OSError: the disk refuses.
        """
        # A beginning that an earlier call left may be at fault, which is not the server's doing.
        chances = 2 if self._have() == 0 else 3
        stalls, best = 0, self._have()
        while True:
            try:
                self._receive()
                fault = self.wanted.fault(self.part)
                if fault is None:
                    return
                self.forget(part_too=True)
                # A server that announced another length has another file: no use in asking again.
                other = self.wanted.size is not None and self.announced != self.wanted.size
                chances = 0 if other else chances - 1
                if chances == 0:
                    raise SourceFailed(f"what it sends is not the right file: {fault}")
            except _Interrupted as interruption:
                have = self._have()
                stalls = 0 if have > best else stalls + 1
                best = max(best, have)
                if stalls > (self.retries if interruption.reached else min(self.retries, 1)):
                    if self._right_after_all():
                        return
                    raise SourceFailed(str(interruption)) from None
                self._pause(stalls, interruption.wait)

    def forget(self, part_too: bool = False) -> None:
        for file in (self.notes, self.part) if part_too else (self.notes,):
            with contextlib.suppress(FileNotFoundError):
                file.unlink()

    def _have(self) -> int:
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0

    def _pause(self, stalls: int, asked: float) -> None:
        time.sleep(min(_LONGEST_WAIT, max(asked, self.backoff * 2 ** max(stalls - 1, 0))))

    def _right_after_all(self) -> bool:
        """Whether the body is whole although the server announced a longer one."""
        return (
            self.wanted.has_checksum and self._have() > 0 and self.wanted.fault(self.part) is None
        )

    def _receive(self) -> None:
        """One request; returns when the body has ended where the server said it would."""
        offset, headers = self._where_to_go_on()
        if offset and offset == self.wanted.size:
            return  # complete, only not yet checked and renamed
        answer = self._ask(headers)
        if answer is None:
            return
        with answer:
            start, total = self._place(answer, offset)
            self.announced = total
            if start == 0:
                self._note(answer, total)
            length = _whole_number(answer.headers.get("Content-Length"))
            self._need_room((total or self.wanted.size or 0) - start)
            got = self._write(answer, start, length, total)
        if length is not None and got < length and not self._complete():
            raise _Interrupted(
                f"{self.host} broke off after {start + got:,} of {start + length:,} bytes"
            )
        if self.wanted.size is not None and start + got < self.wanted.size:
            raise _Interrupted(
                f"{self.host} stopped after {start + got:,} of {self.wanted.size:,} bytes"
            )

    def _complete(self) -> bool:
        return self.wanted.has_checksum and self._have() == self.wanted.size

    def _where_to_go_on(self) -> tuple[int, dict[str, str]]:
        """The offset to ask for, and the request headers that do it."""
        headers = {"User-Agent": f"course_utils/{__version__}", "Accept-Encoding": "identity"}
        have = self._have()
        known = self._known()
        version = known.get("version") if known.get("url") == self.url else None
        # Without a checksum, only the same version of the same address may be continued.
        safe = self.wanted.has_checksum or version is not None
        too_long = self.wanted.size is not None and have > self.wanted.size
        if not have or not safe or too_long or not self.ranges:
            return 0, headers
        headers["Range"] = f"bytes={have}-"
        if version is not None:
            headers["If-Range"] = version
        return have, headers

    def _ask(self, headers: dict[str, str]) -> Any:
        """The opened answer; None when the server says that nothing is left to send."""
        request = urllib.request.Request(self.url, headers=headers)
        try:
            return urllib.request.urlopen(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 416 and "Range" in headers:
                    return self._nothing_left(error)
                said = f"{self.host} answers {error.code} {error.reason}"
                if error.code in _PASSING:
                    asked = _whole_number(error.headers.get("Retry-After")) or 0
                    raise _Interrupted(said, wait=asked) from None
                raise SourceFailed(said) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._unreachable(error)

    def _nothing_left(self, error: urllib.error.HTTPError) -> None:
        total = _whole_number((error.headers.get("Content-Range") or "").partition("/")[2])
        if total is None or total != self._have():
            self.forget(part_too=True)  # the file on the server has become another
            raise _Interrupted(
                f"{self.host} will not go on with the download from where it stopped"
            )

    def _unreachable(self, error: Exception) -> NoReturn:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise SourceFailed(
                f"the certificate of {self.host} can't be verified ({reason.verify_message}): "
                "is this machine's clock right, are its root certificates installed?"
            ) from None
        if isinstance(error, ValueError):
            raise SourceFailed(f"not an address that can be asked ({error})") from None
        if isinstance(reason, TimeoutError):
            raise _Interrupted(f"{self.host} does not answer within {self.timeout:g} s") from None
        if isinstance(error, urllib.error.URLError):
            why = getattr(reason, "strerror", None) or reason
            raise _Interrupted(f"no connection to {self.host} ({why})", reached=False) from None
        raise _Interrupted(f"{self.host} hung up before it answered ({_words(error)})") from None

    def _place(self, answer: Any, offset: int) -> tuple[int, int | None]:
        """(where in the file this body starts, the whole file's length if told)."""
        if answer.status != 206:
            return 0, _whole_number(answer.headers.get("Content-Length"))
        match = re.fullmatch(
            r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip()
        )
        total = _whole_number(match[2]) if match else None
        before = self._known().get("total")
        changed = None not in (total, before) and total != before
        if match is None or int(match[1]) != offset or changed:
            # A server that sends another range than asked for is asked for none any more.
            self.ranges = False
            self.forget(part_too=True)
            raise _Interrupted(f"{self.host} sent another part of the file than was asked for")
        return offset, total

    def _write(self, answer: Any, start: int, length: int | None, total: int | None) -> int:
        """Appends the body to the part and returns its length in bytes."""
        end = None if length is None else start + length
        if self.wanted.has_checksum and self.wanted.size is not None:
            end = self.wanted.size  # a checksum tells later whether more should have come
        got = 0
        with open(self.part, "ab" if start else "wb") as file, self._bar(start, total) as bar:
            for chunk in self._chunks(answer, end, start):
                file.write(chunk)
                got += len(chunk)
                bar.update(len(chunk))
            file.flush()
            os.fsync(file.fileno())
        return got

    def _chunks(self, answer: Any, end: int | None, position: int) -> Iterator[bytes]:
        began, start = time.monotonic(), position
        while end is None or position < end:
            taken = time.monotonic() - began
            if not self.patient and taken > _PATIENCE and position - start < _SLOW * taken:
                raise TooSlow(
                    f"{self.host} sends only {(position - start) / taken:,.0f} bytes a second"
                )
            want = _CHUNK if end is None else min(_CHUNK, end - position)
            try:
                # read1 hands over what has arrived: a hang loses nothing that came before it.
                chunk = answer.read1(want)
            except TimeoutError:
                raise _Interrupted(
                    f"{self.host} went silent for {self.timeout:g} s at byte {position:,}"
                ) from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _Interrupted(
                    f"{self.host} broke off at byte {position:,} ({_words(error)})"
                ) from None
            if not chunk:
                return
            position += len(chunk)
            yield chunk

    def _bar(self, start: int, total: int | None) -> Any:
        return _progress.bar(
            self.wanted.size or total,
            self.part.name.removesuffix(".part"),
            shown=self.progress,
            unit="B",
            unit_scale=True,
            initial=start,
            leave=False,
        )

    def _need_room(self, needed: int) -> None:
        if needed > shutil.disk_usage(self.part.parent).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.part))

    def _known(self) -> dict[str, Any]:
        try:
            known = json.loads(self.notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _note(self, answer: Any, total: int | None) -> None:
        version = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if version and version.startswith("W/"):
            version = answer.headers.get("Last-Modified")  # a weak tag promises no equal bytes
        notes = {"url": self.url, "version": version, "total": total}
        self.notes.write_text(json.dumps(notes), encoding="utf-8")


def _whole_number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() else None


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
