"""One end of the conversation: makes calls, and answers those of the other end while it waits.

Both ends are alike but for what they trust. Messages are dictionaries whose `do` is one of

    call      target (a name or a key), changes, with, grad, parameters
    next      the next entry of an iterator, or `iter`: an iterator over something
    backward  gradients back through an earlier answer
    answer    value, changes, outputs, graph
    stop      the iterator has ended
    raised    an exception, as words
    done      the check cell has ended

Gradients cross: a tensor of an answer that carries a graph is joined to the caller's graph by an
autograd function, whose backward pass asks the other end for the rest of the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from . import raised
from .known import Known
from .values import Packer, Unpacker
from .wire import LineClosed, Malformed, TooLarge, Wire

_MOST_NESTED = 50
_MOST_QUESTIONS = (
    20_000  # of the other end within one check: one that asks without end is not waited for
)


class _Raised(Exception):
    """What the called function itself raised, told apart from trouble with the message."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class Over(BaseException):
    """The checker has ended the cell while this end still waited for an answer."""


class Stop:
    """The end of an iterator."""


class Peer:
    """One end.

    Args:
        wire: the line.
        guarded: the checker's end: whatever the other end sends may be meant to harm.
        find: what a name stands for here; raises NameError.
        watched: the objects whose changes a check wants to see.
        around: a context in which each of the other end's calls is answered, given its number.
        fatal: exceptions that end the call they arise in, whatever the other end makes of them.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        guarded: bool,
        find: Callable[[str], Any] | None = None,
        watched: Callable[[], Iterable[Any]] = lambda: (),
        around: Callable[[int], Any] = lambda number: nullcontext(),
        fatal: tuple[type[Exception], ...] = (),
    ) -> None:
        self.wire = wire
        self.known = Known(guarded, self._stand_in, watched)
        self.notes: list[str] = []
        self._guarded, self._find, self._around, self._fatal = guarded, find, around, fatal
        self._verdict: Exception | None = None
        self._graphs: list[tuple[list[Tensor], list[Tensor]]] = []
        self._depth = self._calls = self._questions = 0

    # Calls to the other end

    def call(self, target: str | int, arguments: tuple, options: dict[str, Any]) -> Any:
        """Calls a function of the other end.

        Raises:
            LineClosed, Malformed: there is no answer, or none that can be read.
            Exception: what the function raised.
        """
        packer = Packer(self.known)
        changes = self.known.changes(packer)
        packed = [packer.pack(arguments), packer.pack(options)]
        parameters = self._parameters(target, arguments, options)
        message = {
            "do": "call",
            "target": target,
            "changes": changes,
            "with": packed,
            "grad": torch.is_grad_enabled(),
            "parameters": [self.known.key_of(parameter) for parameter in parameters],
        }
        return self._exchange(message, packer, packer.graph + parameters)

    def step(self, what: str, key: int) -> Any:
        """`next` or `iter` of the other end's iterator; Stop where it has ended."""
        packer = Packer(self.known)
        changes = self.known.changes(packer)
        return self._exchange({"do": what, "key": key, "changes": changes}, packer, [])

    def backward(self, graph: int, gradients: tuple) -> list[Tensor | None]:
        packer = Packer(self.known)
        with torch.no_grad():
            packed = [packer.pack(gradient) for gradient in gradients]
        message = {"do": "backward", "graph": graph, "gradients": packed}
        return self._exchange(message, packer, [])

    def finish(self) -> None:
        """Tells the other end that the cell has ended."""
        self.wire.send({"do": "done"}, [])

    def serve(self) -> None:
        """Answers calls until the other end has finished."""
        while True:
            message, blobs = self.wire.receive()
            if message.get("do") == "done":
                return
            self._answer(message, blobs)

    def _parameters(self, target: Any, arguments: tuple, options: dict) -> list[Tensor]:
        """Of all models that take part: gradients may be wanted for them."""
        if not torch.is_grad_enabled():
            return []
        parts = [*arguments, *options.values()]
        if isinstance(target, int) and (own := self.known.shell(target)) is not None:
            parts.append(own)
        models = [part for part in parts if isinstance(part, nn.Module)]
        found = {id(p): p for model in models for p in model.parameters() if p.requires_grad}
        return list(found.values())

    def _exchange(self, message: dict[str, Any], packer: Packer, inputs: list[Tensor]) -> Any:
        reply, blobs = self._ask(message, packer)
        return self._settle(reply, blobs, inputs)

    def _ask(self, message: dict[str, Any], packer: Packer) -> tuple[Any, list[bytes]]:
        self._depth += 1
        if self._depth > _MOST_NESTED:
            self._depth -= 1
            raise RecursionError("functions and checks called each other without end")
        try:
            self.wire.send(message, packer.blobs)
            while True:
                reply, blobs = self.wire.receive()
                if not isinstance(reply, dict):
                    raise Malformed("a message that says nothing")
                what = reply.get("do")
                if what in ("answer", "raised") or (what == "stop" and message["do"] == "next"):
                    return reply, blobs
                if what == "done" and not self._guarded:
                    raise Over
                self._questions += 1
                if self._guarded and self._questions > _MOST_QUESTIONS:
                    raise Malformed("questions without end")
                self._answer(reply, blobs)
        finally:
            self._depth -= 1

    def _settle(self, reply: Any, blobs: list[bytes], inputs: list[Tensor]) -> Any:
        try:
            self.known.take(reply["changes"], Unpacker(self.known, blobs))
            if not self._depth:
                self._end_call()
            return self._read(reply, blobs, inputs)
        except (LineClosed, Malformed):
            raise
        except Exception as error:
            own = isinstance(error, self._fatal) or raised.is_remote(error)
            if own or not self._guarded:
                raise
            raise Malformed(f"a damaged answer ({type(error).__name__})") from None
        finally:
            if not self._depth and self._guarded:  # the other end's call ends with its answer
                self.known.end_of_call()

    def _end_call(self) -> None:
        verdict, self._verdict = self._verdict, None
        if verdict is not None:
            raise verdict
        if self._guarded:
            self.known.settle()

    def _read(self, reply: Any, blobs: list[bytes], inputs: list[Tensor]) -> Any:
        if reply["do"] == "raised":
            raise raised.rebuild(reply["error"])
        unpacker = Unpacker(self.known, blobs)
        if reply["graph"] is not None:
            outputs = [unpacker.tensor(index) for index in reply["outputs"]]
            unpacker.outputs = _join(self, reply["graph"], outputs, inputs)
        if reply["do"] == "stop":
            return Stop
        value = unpacker.unpack(reply["value"])
        self.notes += unpacker.foreign
        return value

    # Calls of the other end

    def _answer(self, message: dict[str, Any], blobs: list[bytes]) -> None:
        packer = Packer(self.known, answering=True)
        try:
            reply = self._reply(message, blobs, packer)
            self.wire.send(reply, packer.blobs)
        except LineClosed:
            raise
        except _Raised as raising:
            self._refuse(raising.error)
        except TooLarge as error:
            self._refuse(ValueError(f"the answer is too large: {error}"))
        except Malformed as error:
            if self._guarded:
                raise
            self._refuse(error)
        except Exception as error:
            if self._guarded:
                raise Malformed(f"a damaged message ({type(error).__name__})") from None
            self._refuse(error)
        finally:
            if not self._depth and not self._guarded:
                self.known.end_of_call()

    def _refuse(self, error: BaseException) -> None:
        if isinstance(error, self._fatal):
            self._verdict = self._verdict or error
        packer, changes = Packer(self.known, answering=True), []
        try:
            if not self._guarded:  # the checker's objects are as they were again
                changes = self.known.changes(packer)
        except Exception:  # in whatever state the arguments were left, the words get through
            changes, packer = [], Packer(self.known, answering=True)
        words = raised.describe(error)
        self.wire.send({"do": "raised", "error": words, "changes": changes}, packer.blobs)

    def _reply(self, message: dict[str, Any], blobs: list[bytes], packer: Packer) -> dict[str, Any]:
        what = message.get("do")
        unpacker = Unpacker(self.known, blobs)
        if what == "backward":
            found = self._gradients(message, unpacker)
            return {"do": "answer", "value": packer.pack(found), "changes": [], "graph": None}
        self.known.take(message["changes"], unpacker)
        with self.known.as_shared() if self._guarded else self._mode():
            if what == "call":
                return self._called(message, unpacker, packer)
            if what in ("next", "iter"):
                return self._stepped(what, message["key"], packer)
        raise Malformed(f"a message of unknown kind {what!r:.40}")

    def _mode(self) -> Any:
        if self._depth:
            return nullcontext()
        self._calls += 1
        return self._around(self._calls)

    def _called(self, message: dict, unpacker: Unpacker, packer: Packer) -> dict[str, Any]:
        target = self._target(message["target"])
        arguments, options = (unpacker.unpack(part) for part in message["with"])
        inputs = unpacker.inputs + [self.known[key] for key in message["parameters"]]
        if not isinstance(arguments, tuple) or not isinstance(options, dict):
            raise Malformed("a call without arguments")
        with torch.set_grad_enabled(bool(message["grad"])):
            value = _invoke(target, *arguments, **options)
            return self._answer_with(value, packer, inputs)

    def _stepped(self, what: str, key: int, packer: Packer) -> dict[str, Any]:
        thing = self.known[key]
        if what == "iter":
            return self._answer_with(_invoke(iter, thing), packer, [])
        value = _invoke(next, thing, Stop)
        if value is Stop:
            return {"do": "stop", "changes": self.known.changes(packer), "graph": None}
        return self._answer_with(value, packer, [])

    def _answer_with(self, value: Any, packer: Packer, inputs: list[Tensor]) -> dict[str, Any]:
        changes = self.known.changes(packer)
        packed = packer.pack(value)
        outputs = [packer.tensor(output) for output in packer.graph]
        graph = None
        if packer.graph:
            self._graphs.append((packer.graph, inputs))
            graph = len(self._graphs) - 1
        return {
            "do": "answer",
            "value": packed,
            "changes": changes,
            "outputs": outputs,
            "graph": graph,
        }

    def _gradients(self, message: dict[str, Any], unpacker: Unpacker) -> list[Tensor | None]:
        number = message["graph"]
        if type(number) is not int or not 0 <= number < len(self._graphs):
            raise Malformed("gradients of an answer that was never given")
        outputs, inputs = self._graphs[number]
        given = [unpacker.unpack(gradient) for gradient in message["gradients"]]
        pairs = [(o, g) for o, g in zip(outputs, given, strict=True) if g is not None]
        wanted = [value for value in inputs if value.requires_grad]
        found = iter(
            _invoke(
                torch.autograd.grad,
                [output for output, _ in pairs],
                wanted,
                [gradient for _, gradient in pairs],
                retain_graph=True,
                allow_unused=True,
            )
            if wanted
            else ()
        )
        return [next(found) if value.requires_grad else None for value in inputs]

    def _target(self, target: Any) -> Callable[..., Any]:
        if isinstance(target, str):
            if self._find is None:
                raise Malformed("a call by name")
            return self._find(target)
        function = self.known[target]
        if not self.known.owned_here(target) or not callable(function):
            raise Malformed("a call of something that can't be called")
        return function

    def _stand_in(self, kind: str, key: int, name: str) -> Any:
        if kind == "function":
            return RemoteFunction(self, key, name)
        return RemoteIterator(self, key) if kind == "iterator" else RemoteIterable(self, key)


class RemoteFunction:
    """A function of the other end."""

    def __init__(self, peer: Peer, target: str | int, name: str) -> None:
        self._peer, self._target, self.__name__ = peer, target, name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._peer.call(self._target, arguments, options)

    def __deepcopy__(self, memo: dict[int, Any]) -> RemoteFunction:
        return self  # as with any function: a student may copy the model that it is a part of

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class RemoteIterator:
    """An iterator of the other end."""

    def __init__(self, peer: Peer, key: int) -> None:
        self._peer, self._key = peer, key

    def __iter__(self) -> RemoteIterator:
        return self

    def __next__(self) -> Any:
        value = self._peer.step("next", self._key)
        if value is Stop:
            raise StopIteration
        return value


class RemoteIterable:
    """Something of the other end that can be looped over more than once."""

    def __init__(self, peer: Peer, key: int) -> None:
        self._peer, self._key = peer, key

    def __iter__(self) -> Any:
        return self._peer.step("iter", self._key)


class _Joined(torch.autograd.Function):
    """The outputs of a call that happened elsewhere, as functions of its inputs."""

    @staticmethod
    def forward(
        ctx: Any, peer: Peer, graph: int, outputs: list[Tensor], _: Tensor, *inputs: Tensor
    ):  # type: ignore[override]
        ctx.peer, ctx.graph, ctx.count = peer, graph, len(inputs)
        ctx.set_materialize_grads(False)
        return tuple(output.clone() for output in outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple:  # type: ignore[override]
        found = ctx.peer.backward(ctx.graph, gradients)
        if len(found) != ctx.count:
            raise Malformed("gradients for other inputs than there were")
        return (None, None, None, None, *found)


def _invoke(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return function(*arguments, **options)
    except (Exception, SystemExit) as error:
        raise _Raised(error) from None


def _join(peer: Peer, graph: int, outputs: list[Tensor], inputs: list[Tensor]) -> list[Tensor]:
    # the last one always wants a gradient: an answer that carries a graph shows that it does
    anchor = torch.zeros((), requires_grad=True)
    with torch.enable_grad():
        return list(_Joined.apply(peer, graph, outputs, anchor, *inputs))
