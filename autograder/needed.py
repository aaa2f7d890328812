"""Which of a lab's own demonstrations have to be run to grade a submission.

A lab shows things between its exercises: plots, tables, attacks on a hundred pictures. They take
most of a notebook's time and earn nothing. One of them has to run only if something that is graded,
or that the student wrote, uses a name that it binds.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class _Names:
    bound: frozenset[str]
    used: frozenset[str]
    understood: bool = True


def dispensable(codes: Sequence[str], demonstrations: Iterable[int]) -> set[int]:
    """Of `demonstrations` (indices into `codes`), those that no cell that is run depends on.

    A cell that can't be understood (it has magics, or imports everything from somewhere) is kept, and
    every word in it counts as a name that it uses.
    """
    names = [_names_of(code) for code in codes]
    left = {index for index in demonstrations if names[index].understood}
    while True:
        used = {name for i, of in enumerate(names) if i not in left for name in of.used}
        needed = {index for index in left if names[index].bound & used}
        if not needed:
            return left
        left -= needed


def names_used(codes: Iterable[str]) -> set[str]:
    """The global names that some of `codes` uses."""
    return {name for code in codes for name in _names_of(code).used}


def _names_of(code: str) -> _Names:
    try:
        table = symtable.symtable(code, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Names(frozenset(), frozenset(_WORD.findall(code)), understood=False)
    # `a += 1` reads a, which a symbol table does not say
    steps = [node.target for node in ast.walk(ast.parse(code)) if isinstance(node, ast.AugAssign)]
    bound, used = set(), {target.id for target in steps if isinstance(target, ast.Name)}
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            bound.add(symbol.get_name())
        if symbol.is_referenced():
            used.add(symbol.get_name())
    for inner in _below(table):
        for symbol in inner.get_symbols():
            if symbol.is_global():
                (bound if symbol.is_assigned() else used).add(symbol.get_name())
    everything = re.search(r"^\s*from\s.*import\s+\*", code, re.MULTILINE) is not None
    return _Names(frozenset(bound), frozenset(used), understood=not everything)


def _below(table: symtable.SymbolTable) -> Iterable[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)
