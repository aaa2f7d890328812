"""What a person should look at: what a submission's own code does and honest work does not.

This reads code, it runs none, and what is not written down plainly it does not see. It decides no
points: the wall between a check and the code it checks does that.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Sequence

from nbformat.notebooknode import NotebookNode

from autograder import signs
from autograder.build.cells import grade_id, is_test
from autograder.build.colab import is_set_up
from autograder.build.student import student_notebook
from autograder.execute import name_of

_MOST = 30
_LONGEST_CELL = 300_000
_MOST_MAGICS = 200


def own_code(notebook: NotebookNode, assignment: NotebookNode) -> list[tuple[str, str]]:
    """The cells of a restored submission that its author wrote or changed, as `flags_in` takes them."""
    released = {cell.source.strip() for cell in student_notebook(assignment).cells}
    released |= {cell.source.strip() for cell in assignment.cells if not grade_id(cell)}
    return [
        (name_of(cell, index), cell.source)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and not is_test(cell)
        and cell.source.strip() not in released
        and not is_set_up(cell.source)  # of a release that named another repository
    ]


def flags_in(cells: Iterable[tuple[str, str]], withheld: Sequence[str] = ()) -> list[str]:
    """What the student's own cells do that honest work does not, a sentence each.

    Args:
        cells: how a sentence names the cell ("cell `fgsm`"), and its source; in their order.
        withheld: the modules that are absent while the lab is graded.

    Returns:
        Sentences such as "line 3 of cell `fgsm` replaces torch.allclose"; each thing once a cell.
    """
    names: dict[str, str] = {}  # what an import called it -> what it is
    said: list[str] = []
    for cell, source in cells:
        found: dict[str, int] = {}
        for line, does in _seen_in(source, names, withheld):
            found.setdefault(does, line)
        said += [_plain(f"line {line} of {cell} {does}") for does, line in found.items()]
    if len(said) > _MOST:
        said[_MOST:] = [f"and {len(said) - _MOST} more of the kind"]
    return said


def _seen_in(
    source: str, names: dict[str, str], withheld: Sequence[str]
) -> Iterator[tuple[int, str]]:
    if len(source) > _LONGEST_CELL:
        yield 1, f"holds {len(source)} characters of code"
        source = source[:_LONGEST_CELL]
    try:
        tree = _parsed(source)
        look = _Look(names, withheld)
        look.visit(tree)
        yield from look.seen
    except Exception:  # no Python, or too deep, or more than IPython's tokens can bear
        for number, line in enumerate(source.split("\n"), start=1):
            yield from ((number, does) for does in _seen_in_text(line))


def _parsed(source: str) -> ast.Module:
    """The cell as Python, its magics and shell commands as the calls that IPython makes of them."""
    try:
        return ast.parse(source)
    except SyntaxError:
        # IPython reads the whole cell again for each of them, so a thousand would take minutes
        if len(source) > _LONGEST_CELL // 10 or sum(map(source.count, "%!?")) > _MOST_MAGICS:
            raise
    from IPython.core.inputtransformer2 import TransformerManager

    return ast.parse(TransformerManager().transform_cell(source))


def _seen_in_text(line: str) -> Iterator[str]:
    """For what is no Python: the same names, wherever they stand in the line."""
    for name, does in signs.USES.items():
        found = re.search(rf"(?<![\w.]){_longer(name)}(?!\w)", line)
        if found and "." in found[0]:
            yield does.format(found[0])
    command = line.strip()
    if command.startswith("!") and not signs.COMMANDS.fullmatch(command[1:]):
        yield f"runs the shell command `{_short(command[1:])}`"


def _longer(pattern: str) -> str:
    return rf"(?:{pattern})(?:\.\w+)*"


class _Look(ast.NodeVisitor):
    """Follows names through imports and plain assignments, and notes what is done with them."""

    def __init__(self, names: dict[str, str], withheld: Sequence[str]) -> None:
        self.seen: list[tuple[int, str]] = []
        self._scopes: list[dict[str, str]] = [names]
        self._withheld = withheld

    def _note(self, node: ast.AST, does: str) -> None:
        self.seen.append((getattr(node, "lineno", 1), does))

    # what a name stands for

    def _dotted(self, node: ast.AST) -> str:
        """What an expression names, as `torch.Tensor.__eq__`; empty where that can't be said."""
        if isinstance(node, ast.Name):
            given = signs.GIVEN.get(node.id, "")
            return next((scope[node.id] for scope in self._scopes if node.id in scope), given)
        if isinstance(node, ast.Attribute):
            return _joined(self._dotted(node.value), node.attr)
        if isinstance(node, ast.Subscript) and _text(node.slice):
            return self._member(node)
        if isinstance(node, ast.Call):
            return self._answer(node)
        return ""

    def _member(self, node: ast.Subscript) -> str:
        """`sys.modules["torch"]` and `vars(torch)["allclose"]`."""
        of, name = self._dotted(node.value), _text(node.slice)
        if of == "sys.modules":
            return name
        return _joined(of.removesuffix(".__dict__"), name) if of.endswith(".__dict__") else ""

    def _answer(self, node: ast.Call) -> str:
        called, texts = self._dotted(node.func), [_text(argument) for argument in node.args]
        if re.fullmatch(r"(IPython\.)?get_ipython|.*\.InteractiveShell\.instance", called):
            return "get_ipython()"
        if called in ("importlib.import_module", "__import__") and texts:
            return texts[0]
        if called == "getattr" and len(texts) > 1 and texts[1]:
            return _joined(self._dotted(node.args[0]), texts[1])
        if called == "vars" and node.args:
            return _joined(self._dotted(node.args[0]), "__dict__")
        return ""

    def _bind(self, name: str, what: str) -> None:
        self._scopes[0][name] = what

    # what is done with it

    def _used(self, node: ast.AST, name: str) -> bool:
        for module in self._withheld:
            if name == module or name.startswith(module + "."):
                self._note(node, f"uses {module}, which is withheld while this lab is graded")
                return True
        for pattern, does in signs.USES.items():
            if re.fullmatch(_longer(pattern), name):
                self._note(node, does.format(name))
                return True
        return False

    def _replaced(self, node: ast.AST, name: str, what: str = "replaces") -> None:
        if signs.SHARED.fullmatch(name) and not signs.ANYBODYS.fullmatch(name):
            self._note(node, f"{what} {name}")

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind(
                alias.asname or alias.name.split(".")[0],
                alias.name if alias.asname else alias.name.split(".")[0],
            )
            self._used(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            name = f"{node.module or ''}.{alias.name}"
            self._bind(alias.asname or alias.name, name)
            self._used(node, name)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        what = self._dotted(node.value)
        for target in node.targets:
            self._target(target, what)
            if isinstance(node.value, ast.Lambda) and isinstance(target, ast.Name):
                self._shadows(node, target.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._target(node.target, self._dotted(node.value))

    def _target(self, target: ast.AST, what: str = "") -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, what)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._target(part)
        elif isinstance(target, ast.Starred):
            self._target(target.value)
        else:
            self.visit(target)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._used(node, self._dotted(node))
        else:
            self._bind(node.id, "")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._dotted(node)
        if not isinstance(node.ctx, ast.Load):
            self._replaced(node, name)
            if signs.METHODS.fullmatch(node.attr) and not signs.SHARED.fullmatch(name):
                self._note(node, f"sets {node.attr} of something")
        for pattern, does in signs.INSIDES.items():
            if re.fullmatch(pattern, node.attr):
                self._note(node, does.format(node.attr))
        if name == "os.environ":
            self._note(node, "reads the whole environment (os.environ)")
        if not (name and self._used(node, name)):
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        name = self._dotted(node)
        if not isinstance(node.ctx, ast.Load):
            self._replaced(node, name)
            if self._dotted(node.value) == "sys.modules":
                self._note(node, f"puts something in the place of the module {name or 'it names'}")
        if self._dotted(node.value) != "os.environ":  # one variable is anybody's
            self.visit(node.value)
        self.visit(node.slice)

    def visit_Call(self, node: ast.Call) -> None:
        called = self._dotted(node.func)
        texts = [_text(argument) for argument in node.args]
        if called in ("setattr", "delattr", "object.__setattr__", "type.__setattr__") and texts[1:]:
            self._replaced(node, _joined(self._dotted(node.args[0]), texts[1] or "…"))
        elif called == "type" and len(node.args) == 3:
            self._bases(node, getattr(node.args[1], "elts", []))
        elif called in ("exec", "eval", "compile"):
            self._run_text(node, called)
        self._used(node, self._dotted(node))
        self._command(node, called, texts)
        one_variable = re.fullmatch(r"os\.environ\.(get|pop|setdefault|update)", called)
        for part in (*([] if one_variable else [node.func]), *node.args, *node.keywords):
            self.visit(part)

    def _run_text(self, node: ast.Call, called: str) -> None:
        if node.args and not _text(node.args[0]):
            inner = [self._dotted(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)]
            encoded = next((name for name in inner if signs.ENCODED.fullmatch(name)), "")
            self._note(node, f"runs text as code ({called}{f' of {encoded}' if encoded else ''})")

    def _command(self, node: ast.Call, called: str, texts: list[str]) -> None:
        if called in ("get_ipython().system", "get_ipython().getoutput") and texts:
            if not signs.COMMANDS.fullmatch(texts[0]):
                self._note(node, f"runs the shell command `{_short(texts[0])}`")
        elif called == "get_ipython().run_cell_magic" and texts[0] in signs.WRAPPERS:
            for line, does in _seen_in(texts[2], self._scopes[-1], self._withheld):
                self.seen.append((line + 1, does))
        elif re.fullmatch(r"get_ipython\(\)\.run_(line|cell)_magic", called) and any(
            signs.MAGICS.fullmatch(text) for text in texts[:1]
        ):
            self._note(node, f"uses the magic %{texts[0]}")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bytes):
            text = node.value.decode("latin-1")
        else:
            text = node.value if isinstance(node.value, str) else ""
        if not text or len(text) > 500 or re.search(r"\s", text):
            return
        for pattern, does in signs.TEXTS.items():
            if re.search(pattern, text):
                self._note(node, does.format(_short(text)))
        for module in self._withheld:
            if re.search(rf"(^|/){re.escape(module).replace(chr(92) + '.', '[./]')}\b", text):
                self._note(node, f"names {module}, which is withheld while this lab is graded")

    def visit_Raise(self, node: ast.Raise) -> None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = self._dotted(raised) if raised is not None else ""
        if signs.RAISED.fullmatch(name):
            self._note(node, f"raises {name}")
        self.generic_visit(node)

    # where names begin anew

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._shadows(node, node.name)
        self._bind(node.name, "")
        self._bases(node, node.bases)
        if re.fullmatch(r"Check(Failed|Broken)", node.name):
            self._note(node, f"defines an exception called {node.name}")
        self._inside(node, [])

    def _bases(self, node: ast.AST, bases: Iterable[ast.AST]) -> None:
        for base in map(self._dotted, bases):
            if signs.BASES.fullmatch(base):
                self._note(node, f"makes a class of its own out of {base}")

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if signs.METHODS.fullmatch(node.name):
            self._note(node, f"defines {node.name}")
        self._shadows(node, node.name)
        self._bind(node.name, "")
        self._inside(node, _parameters(node.args))

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._inside(node, _parameters(node.args))

    def _inside(self, node: ast.AST, parameters: list[str]) -> None:
        self._scopes.insert(0, dict.fromkeys(parameters, ""))
        self.generic_visit(node)
        self._scopes.pop(0)

    def _shadows(self, node: ast.AST, name: str) -> None:
        if len(self._scopes) == 1 and hasattr(builtins, name):
            self._note(node, f"defines a `{name}` of its own")


def _joined(of: str, name: str) -> str:
    return f"{of}.{name}" if of else ""


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _plain(sentence: str) -> str:
    """What a submission quotes in it can be shown and stored: no half characters, no escapes."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in sentence
    )


def _parameters(of: ast.arguments) -> list[str]:
    several = [of.vararg, of.kwarg]
    every = [*of.posonlyargs, *of.args, *of.kwonlyargs, *(one for one in several if one)]
    return [argument.arg for argument in every]
