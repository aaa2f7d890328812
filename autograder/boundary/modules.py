"""Models across the line: one of torch's or course_utils' own is built anew on the other side;
any other is a shell there, with its parameters, whose forward pass happens at home.
"""

from __future__ import annotations

import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from .values import Packer, Unpacker
from .wire import Malformed

if TYPE_CHECKING:
    from .known import Known

_PLAIN = (bool, int, float, str, tuple, type(None))
_WORDS = re.compile(r"\w+(\.\w+)*")
_MOST_PARTS = 5000


class Shell(nn.Module):
    """A module of the other end: its parameters and parts are here, its forward pass is there."""

    def __init__(self, remote: Any, kind: str) -> None:
        super().__init__()
        self.__dict__["_remote"] = remote
        self._kind = kind

    def forward(self, *arguments: Any, **options: Any) -> Any:
        return self.__dict__["_remote"](*arguments, **options)

    def _get_name(self) -> str:
        return self._kind

    def _apply(self, fn: Any, recurse: bool = True) -> Shell:
        """As `double()` and others call it. A buffer stays the same object, as a parameter does: it is known."""
        before = dict(self._buffers)
        super()._apply(fn, recurse)
        for name, buffer in before.items():
            changed = self._buffers[name]
            if buffer is not None and changed is not None and changed is not buffer:
                buffer.data = changed
                self._buffers[name] = buffer
        return self


def pack(module: nn.Module, known: Known, packer: Packer) -> list[Any]:
    """["module", spec or None, parts, parameters, buffers]; each with its path and key."""
    lists: list[list[Any]] = [[], [], []]
    for path, part in _named_parts(module, known):
        lists[0].append(
            [path, *_key(part, known), type(part).__name__, part.training, _facts(part)]
        )
    for place, named in ((1, module.named_parameters()), (2, module.named_buffers())):
        for path, value in named:
            if is_lazy(value):  # it has no numbers before the first forward pass
                continue
            key, new = _key(value, known)
            lists[place].append([path, key, new, *_numbers(value, packer, new)])
    for entries in lists:
        for entry in entries:
            if entry[2]:
                known.share(entry[1])
    return ["module", _spec(module), *lists]


def _named_parts(module: nn.Module, known: Known) -> list[tuple[str, nn.Module]]:
    """Every part under each path that leads to it; in a student's class a property may be one."""
    found = list(module.named_modules(remove_duplicate=False))
    if not known.may_build:
        return found
    parts = {id(part) for _, part in found}
    for path, part in list(found):
        kind = type(part)
        for name, of_class in vars(kind).items() if kind.__module__ == "__main__" else ():
            value = getattr(part, name, None) if isinstance(of_class, property) else None
            if id(value) in parts:
                found.append((f"{path}.{name}" if path else name, value))
    return found


def unpack(rest: list[Any], known: Known, unpacker: Unpacker) -> nn.Module:
    spec, parts, parameters, buffers = rest
    if len(parts) + len(parameters) + len(buffers) > _MOST_PARTS:
        raise Malformed(f"a module of {len(parts)} parts")
    for path, *_ in (*parts[1:], *parameters, *buffers):
        if not isinstance(path, str) or not _WORDS.fullmatch(path):
            raise Malformed("a module with a part of no name")
    if spec is not None and known.may_build:
        module = _build(spec)
        _adopt(module, parts, known)
    else:
        module = _shells(parts, known)
    _place_tensors(module, parameters, buffers, known, unpacker)
    for path, key, new, _, training, _ in parts:
        if new:
            module.get_submodule(path).training = bool(training)
            known.share(key)
    return module


def _key(value: Any, known: Known) -> tuple[int, bool]:
    key = known.key_of(value)
    if key is not None:
        return key, False
    key = known.new_key()
    known.add(key, value)
    return key, True


def _numbers(value: torch.Tensor, packer: Packer, new: bool) -> list[Any]:
    if not new:
        return [None, False, None]
    gradient = None if value.grad is None else packer.tensor(value.grad)
    return [packer.tensor(value), value.requires_grad, gradient]


def _facts(part: nn.Module) -> dict[str, Any]:
    """Plain attributes, such as a width: a check may want to read them."""
    return {
        name: list(value) if type(value) is tuple else value
        for name, value in vars(part).items()
        if not name.startswith("_") and name != "training" and _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return len(value) < 20 and all(type(entry) in (bool, int, float, str) for entry in value)
    return type(value) in (bool, int, float, str) and len(str(value)) < 200


# A module of torch or course_utils: how to build it


def _spec(module: nn.Module) -> list[Any] | None:
    """[module name, class, [parts of a Sequential], arguments], or None where that can't be told."""
    kind = type(module)
    home = kind.__module__
    if not (home.startswith("torch.nn.modules.") or home.split(".")[0] == "course_utils"):
        return None
    if kind is nn.Sequential:
        inner = [_spec(part) for part in module.children()]
        return None if None in inner else [home, "Sequential", inner, {}]
    arguments: dict[str, Any] = {}
    plain = kind.__init__ is nn.Module.__init__
    for name, parameter in () if plain else inspect.signature(kind).parameters.items():
        if name in ("device", "dtype"):
            continue
        by_name = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        if not by_name or not hasattr(module, name):
            return None
        value = getattr(module, name)
        if isinstance(value, nn.Module):
            value = _spec(value)
            if value is None:
                return None
        elif name == "bias":
            value = value is not None and value is not False
        elif type(value) is tuple:
            value = ["tuple", *value]
        elif not isinstance(value, _PLAIN):
            return None
        arguments[name] = value
    return [home, kind.__name__, [], arguments]


def _build(spec: list[Any]) -> nn.Module:
    home, name, inner, arguments = spec
    kind = getattr(importlib.import_module(home), name)
    with torch.random.fork_rng(devices=[]):
        if inner:
            return kind(*(_build(part) for part in inner))
        return kind(**{key: _argument(value) for key, value in arguments.items()})


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value[1:]) if value[0] == "tuple" else _build(value)
    return value


def _adopt(module: nn.Module, parts: list[Any], known: Known) -> None:
    """Parts that are known already take the place of what was built; the others become known."""
    for path, key, new, _, _, facts in parts:
        if new:
            part = module.get_submodule(path)
            known.add(key, part)
            # what was set since it was made, such as a dropout's p
            for name, value in facts.items():
                setattr(part, name, tuple(value) if isinstance(value, list) else value)
        else:
            _put(module, path, known[key])


# Any other module: a tree of shells


def _shells(parts: list[Any], known: Known) -> nn.Module:
    root: nn.Module | None = None
    for path, key, new, kind, _, facts in parts:
        part = _shell(key, kind, facts, known) if new else known[key]
        if not isinstance(part, nn.Module):
            raise Malformed("a part of a module that is no module")
        if root is None:
            root = part
        elif new or not _has(root, path):
            _put(root, path, part)
    if root is None:
        raise Malformed("a module of no parts")
    return root


def _shell(key: int, kind: Any, facts: Any, known: Known) -> Shell:
    shell = Shell(known.remote("function", key, str(kind)[:60]), str(kind)[:60])
    for name, value in facts.items():
        if str(name).isidentifier() and not hasattr(shell, name) and not name.startswith("_"):
            object.__setattr__(shell, name, tuple(value) if isinstance(value, list) else value)
    known.add(key, shell)
    return shell


def _has(root: nn.Module, path: str) -> bool:
    try:
        root.get_submodule(path)
    except AttributeError:
        return False
    return True


def _put(root: nn.Module, path: str, part: nn.Module) -> None:
    above, _, name = path.rpartition(".")
    parent = root.get_submodule(above)
    if name in parent._modules:
        parent._modules[name] = part
    else:
        parent.add_module(name, part)


def _place_tensors(
    module: nn.Module,
    parameters: list[Any],
    buffers: list[Any],
    known: Known,
    unpacker: Unpacker,
) -> None:
    for is_parameter, entries in ((True, parameters), (False, buffers)):
        for path, key, new, numbers, wants_gradient, gradient in entries:
            above, _, name = path.rpartition(".")
            parent = module.get_submodule(above)
            if new:
                value = unpacker.tensor(numbers)
                if is_parameter:
                    value = nn.Parameter(value, requires_grad=bool(wants_gradient))
                if gradient is not None:
                    value.grad = unpacker.tensor(gradient)
                known.add(key, value)
                known.share(key)
            else:
                value = known[key]
            _set_tensor(parent, name, value, is_parameter)


def _set_tensor(parent: nn.Module, name: str, value: Any, is_parameter: bool) -> None:
    table = parent._parameters if is_parameter else parent._buffers
    if name in table:
        table[name] = value
    elif hasattr(parent, name):
        if getattr(parent, name) is not value:
            raise Malformed(f"a module with a parameter called {name!r:.40}")
    elif is_parameter:
        parent.register_parameter(name, value)
    else:
        parent.register_buffer(name, value)
