"""Objects that both ends know by a key, and how their states are kept in step.

A function may change what it is given: write into a tensor, leave a gradient, switch a model to
eval mode. So an object crosses once, with a key, and from then on each message carries what has
changed of it since. `shared` is the state that both ends agree on.

The checker's end is *guarded*: what the other end reports of the checker's own objects is believed
only while a check watches them (`check.unchanged`, `check.changing`). Otherwise a submission could
empty the model and the input, and a check that compares with them afterwards would compare nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from . import modules, optimizers
from .values import Packer, Unpacker
from .wire import Malformed

_State = tuple  # (numbers, requires_grad, gradient) of a tensor; (training,) of a module
_CONTAINERS = (list, dict, set)

# What is given as a remote function or iterator by this end is made by the peer.
Remote = Callable[[str, int, str], Any]


class Known:
    """The objects of one conversation.

    Args:
        guarded: whether this is the checker's end.
        remote: makes the stand-in for a function or an iterator of the other end: (kind, key, name).
        watched: the objects whose changes the check wants to see.
    """

    def __init__(
        self,
        guarded: bool,
        remote: Remote,
        watched: Callable[[], Iterable[Any]] = lambda: (),
    ) -> None:
        self._guarded, self.remote, self._watched = guarded, remote, watched
        self._step = 1 if guarded else -1
        self._last = 0
        self._objects: dict[int, Any] = {}
        self._keys: dict[int, int] = {}
        self._shared: dict[int, _State] = {}
        self._sent: dict[int, Any] = {}  # optimizers and generators: as they were sent last
        self._passing: list[int] = []  # tensors of the present call
        self._touched: set[int] = set()
        self._written: dict[int, Any] = {}  # containers: what the other end has put into them

    def __getitem__(self, key: Any) -> Any:
        if type(key) is not int or key not in self._objects:
            raise Malformed("a reference to an object that was never given")
        return self._objects[key]

    @property
    def may_build(self) -> bool:
        return not self._guarded

    def key_of(self, value: Any) -> int | None:
        return self._keys.get(id(value))

    def shell(self, key: int) -> nn.Module | None:
        """The module of the other end that stands here under `key`."""
        value = self._objects.get(key)
        return value if isinstance(value, nn.Module) else None

    def owned_here(self, key: int) -> bool:
        return key * self._step > 0

    def new_key(self) -> int:
        self._last += self._step
        return self._last

    def add(self, key: Any, value: Any) -> None:
        if type(key) is not int or key in self._objects:
            raise Malformed("a key that is taken")
        self._objects[key] = value
        self._keys[id(value)] = key

    def share(self, key: int) -> None:
        """From now on both ends agree on the present state of the object."""
        self._shared[key] = _state_of(self._objects[key])

    def end_of_call(self) -> None:
        """Tensors that were arguments are known for one call only."""
        for key in self._passing:
            value = self._objects.pop(key)
            self._shared.pop(key, None)
            del self._keys[id(value)]
        self._passing.clear()
        self._touched.clear()
        self._written.clear()

    # Objects of values.Packer and values.Unpacker

    def keep(self, value: Any, packer: Packer) -> int:
        """The key of a list, dictionary or set that a check passes on: it may be written into. 0: none."""
        if not self._guarded or packer.answering or not isinstance(value, _CONTAINERS):
            return 0
        key = self.key_of(value)
        return key if key is not None else self._pass_on(self.new_key(), value)

    def kept(self, key: Any, value: Any) -> Any:
        if self._guarded:
            raise Malformed("a container with a key")
        if key in self._objects:
            return self._objects[key]
        self._pass_on(key, value)
        return value

    def _pass_on(self, key: int, value: Any) -> int:
        self.add(key, value)
        self._shared[key] = _state_of(value)
        self._passing.append(key)
        return key

    def pack(self, value: Any, packer: Packer) -> list[Any] | None:
        if isinstance(value, Tensor):
            return self._pack_tensor(value, packer)
        key = self.key_of(value)
        if key is not None:
            return ["known", key]
        if isinstance(value, nn.Module):
            return modules.pack(value, self, packer)
        if not self._guarded:
            return None  # a submission's own functions and iterators stay where they are
        if isinstance(value, torch.optim.Optimizer):
            return self._pack_kept("optimizer", value, packer)
        if isinstance(value, torch.Generator):
            return self._pack_kept("generator", value, packer)
        kind = _kind(value)
        if kind is None:
            return None
        key = self.new_key()
        self.add(key, value)
        return ["remote", kind, key, str(getattr(value, "__name__", kind))[:80]]

    def unpack(self, plain: list[Any], unpacker: Unpacker) -> Any:
        tag, rest = plain[0], plain[1:]
        if tag == "known":
            value = self[rest[0]]
            if len(rest) > 1:
                unpacker.inputs.append(value)
            return value
        if tag == "tensor":
            return self._unpack_tensor(rest, unpacker)
        if tag == "module":
            return modules.unpack(rest, self, unpacker)
        if self._guarded:
            raise Malformed(f"a value of unknown kind {tag!r:.40}")
        if tag == "optimizer":
            value = optimizers.build(rest[1], self, unpacker)
        elif tag == "generator":
            value = torch.Generator()
            value.set_state(unpacker.tensor(rest[1]))
        else:
            kind, key, name = rest
            value = self.remote(kind, key, name)
            self.add(key, value)
            return value
        self.add(rest[0], value)
        return value

    def _pack_tensor(self, value: Tensor, packer: Packer) -> list[Any] | None:
        if type(value) not in (Tensor, nn.Parameter):
            return None
        key = self.key_of(value)
        graph = value.requires_grad and torch.is_grad_enabled()
        if key is not None and (self._guarded or (key not in self._touched and not graph)):
            if graph and not packer.answering:
                packer.graph.append(value)
                return ["known", key, True]
            return ["known", key]
        try:
            numbers = packer.tensor(value)
        except Exception:  # sparse, quantised, on no device: whatever has no plain numbers
            return None
        if packer.answering and value.requires_grad:
            packer.graph.append(value)
            return ["output", len(packer.graph) - 1]
        if graph:
            packer.graph.append(value)
        new = 0
        if self._guarded:
            new = self.new_key()
            self.add(new, value)
            self.share(new)
            self._passing.append(new)
        gradient = _gradient(value)
        is_parameter = isinstance(value, nn.Parameter)
        return [
            "tensor", new, numbers, value.requires_grad, bool(graph), is_parameter,
            None if gradient is None else packer.tensor(gradient),
        ]  # fmt: skip

    def _unpack_tensor(self, rest: list[Any], unpacker: Unpacker) -> Tensor:
        key, numbers, wants_gradient, in_graph, is_parameter, gradient = rest
        value = unpacker.tensor(numbers)
        if is_parameter:
            value = nn.Parameter(value, requires_grad=bool(wants_gradient))
        elif wants_gradient:
            value.requires_grad_()
        if gradient is not None:
            value.grad = unpacker.tensor(gradient)
        if in_graph:
            unpacker.inputs.append(value)
        if not self._guarded and key:
            self.add(key, value)
            self.share(key)
            self._passing.append(key)
        return value

    def _pack_kept(self, kind: str, value: Any, packer: Packer) -> list[Any]:
        key = self.new_key()
        self.add(key, value)
        self._sent[key] = optimizers.fingerprint(value)
        return [kind, key, self._content(value, packer)]

    def _content(self, value: Any, packer: Packer) -> Any:
        if isinstance(value, torch.Generator):
            return packer.tensor(value.get_state())
        return optimizers.describe(value, self, packer)

    # Keeping states in step

    def changes(self, packer: Packer) -> list[Any]:
        """What differs here from what both ends agreed on; from now on they agree on it."""
        found: list[Any] = []
        for key, before in self._shared.items():
            now = _state_of(self._objects[key])
            if not _same(now, before):
                self._shared[key] = now
                self._touched.add(key)
                container = isinstance(value := self._objects[key], _CONTAINERS)
                state = [packer.contents(value)] if container else _packed(now, packer)
                found.append([key, *state])
        for key, mark in self._sent.items():
            value = self._objects[key]
            new_mark = optimizers.fingerprint(value)
            if new_mark != mark:
                self._sent[key] = new_mark
                found.append([key, self._content(value, packer)])
        return found

    def take(self, changes: Any, unpacker: Unpacker) -> None:
        """What the other end has changed. Here it only becomes what both agree on; see `settle`."""
        for key, *state in changes:
            value = self[key]
            if isinstance(value, _CONTAINERS) and self._guarded:
                self._written[key] = unpacker.unpack(state[0])
            elif isinstance(value, Tensor | nn.Module) and key in self._shared:
                now = _unpacked(value, state, unpacker)
                if self._guarded:
                    _expect_kind(now, value)
                self._shared[key] = now
                if not self._guarded:
                    _impose(value, now)
            elif isinstance(value, torch.Generator) and not self._guarded:
                value.set_state(unpacker.tensor(state[0]))
            elif isinstance(value, torch.optim.Optimizer) and not self._guarded:
                optimizers.update(value, state[0], unpacker)
            else:
                raise Malformed("a change of something that can't change")

    def settle(self) -> None:
        """The checker's end of a call: what the check watches, and what is not its own, follows."""
        wanted = {id(part) for thing in self._watched() for part in _parts(thing)}
        for key, state in self._shared.items():
            value = self._objects[key]
            if isinstance(value, _CONTAINERS):
                if key in self._written and id(value) in wanted:
                    _write(value, self._written[key])
            elif not self.owned_here(key) or id(value) in wanted:
                _impose(value, state)

    @contextmanager
    def as_shared(self) -> Iterator[None]:
        """For a call back: the checker's objects as the other end has them now, and then as before."""
        before = {
            key: _state_of(self._objects[key])
            for key in self._shared
            if not isinstance(self._objects[key], _CONTAINERS)
        }
        given = list(before)
        try:
            for key in given:
                _impose(self._objects[key], self._shared[key])
            yield
        finally:
            for key, state in before.items():
                if key in self._objects:
                    _impose(self._objects[key], state)


def _kind(value: Any) -> str | None:
    if hasattr(value, "__next__"):
        return "iterator"
    if callable(value):
        return "function"
    return "iterable" if hasattr(value, "__iter__") else None


def _parts(thing: Any) -> Iterator[Any]:
    yield thing
    if isinstance(thing, list | tuple | set | dict):
        for entry in thing.values() if isinstance(thing, dict) else thing:
            yield from _parts(entry)
    if isinstance(thing, nn.Module):
        yield from thing.modules()
        yield from thing.parameters()
        yield from thing.buffers()


def _gradient(value: Tensor) -> Tensor | None:
    return value.grad if value.is_leaf else None


def _write(container: Any, contents: Any) -> None:
    if type(contents) is not type(container):
        raise Malformed("a container that has become another")
    container.clear()
    (container.extend if isinstance(container, list) else container.update)(contents)


def _state_of(value: Any) -> _State:
    if isinstance(value, nn.Module):
        return (value.training,)
    if isinstance(value, _CONTAINERS):  # which entries there are; the entries look after themselves
        entries = value.items() if isinstance(value, dict) else value
        return (tuple(map(_entry, entries)),)
    gradient = _gradient(value)
    copy = None if gradient is None else gradient.detach().clone()
    return (value.detach().clone(), value.requires_grad, copy)


def _entry(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_entry, value))
    plain = value is None or type(value) in (bool, int, float, str)
    return (type(value).__name__, repr(value)) if plain else id(value)


def _same(one: _State, other: _State) -> bool:
    if len(one) == 1:
        return one == other
    return one[1] == other[1] and _equal(one[0], other[0]) and _equal(one[2], other[2])


def _equal(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None:
        return one is other
    same_kind = one.shape == other.shape and one.dtype == other.dtype
    return same_kind and bool(((one == other) | ((one != one) & (other != other))).all())


def _packed(state: _State, packer: Packer) -> list[Any]:
    if len(state) == 1:
        return [state[0]]
    numbers, wants_gradient, gradient = state
    return [
        packer.tensor(numbers),
        wants_gradient,
        None if gradient is None else packer.tensor(gradient),
    ]


def _unpacked(value: Any, plain: list[Any], unpacker: Unpacker) -> _State:
    if isinstance(value, nn.Module):
        return (bool(plain[0]),)
    numbers, wants_gradient, gradient = plain
    return (
        unpacker.tensor(numbers),
        bool(wants_gradient),
        None if gradient is None else unpacker.tensor(gradient),
    )


def _expect_kind(state: _State, value: Any) -> None:
    for part in (state[0], state[-1]) if len(state) > 1 else ():
        if part is not None and (part.shape != value.shape or part.dtype != value.dtype):
            raise Malformed("a tensor that was given has another shape or dtype now")


def _impose(value: Any, state: _State) -> None:
    if isinstance(value, nn.Module):
        value.training = state[0]
        return
    if _same(_state_of(value), state):
        return
    numbers, wants_gradient, gradient = state
    if value.shape != numbers.shape or value.dtype != numbers.dtype:
        value.grad, value.data = None, numbers.clone()
    elif not _equal(value.detach(), numbers):
        value.data.copy_(numbers)  # autograd need not know: a graph made before stays usable
    if value.is_leaf:
        if value.requires_grad != wants_gradient:
            value.requires_grad_(wants_gradient)
        value.grad = None if gradient is None else gradient.clone()
