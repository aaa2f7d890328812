"""The line itself: plain data survives it, and nothing that is sent over it harms the checker."""

import math
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import hypothesis.extra.numpy as arrays
import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.boundary import peer, raised
from autograder.boundary.checker import Session
from autograder.boundary.known import Known
from autograder.boundary.values import Foreign, Packer, Unpacker
from autograder.boundary.wire import LineClosed, Malformed, TooLarge, Wire
from tests.autograder.line import session

CALL = "answer = f(1)\nassert answer == 'what nobody sends'\n"


def there_and_back(value):
    sender, receiver = (Known(guarded, lambda *_: None) for guarded in (False, True))
    packer = Packer(sender)
    plain = packer.pack(value)
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(plain))
    return Unpacker(receiver, packer.blobs).unpack(plain)


plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(plain_values)
def test_plain_values_come_back_equal_and_of_the_same_types(value):
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


@given(
    arrays.arrays(
        st.sampled_from(["f4", "f8", "i8", "u1", "?"]), arrays.array_shapes(max_dims=4, max_side=4)
    )
)
def test_tensors_and_arrays_come_back_bit_by_bit(array):
    tensor = torch.from_numpy(array.copy())
    for value in (tensor, tensor.T if tensor.dim() == 2 else tensor):
        back = there_and_back(value)
        assert type(back) is torch.Tensor
        assert back.dtype == value.dtype
        assert back.numpy().tobytes() == np.ascontiguousarray(value.numpy()).tobytes()
    back = there_and_back(array)
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "value",
    [torch.float16, torch.device("cpu"), torch.Size([2, 3]), np.float64(0.5), 2**200, 1j, {1, 2}],
)
def test_other_words_of_torch_and_numpy_come_back(value):
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


def test_floats_that_are_no_numbers_come_back():
    assert math.isnan(there_and_back(float("nan")))
    assert there_and_back([float("inf")]) == [float("inf")]


class Liar:
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (Liar(), "Liar"),
        (object(), "object"),
        (len, "builtin_function_or_method"),
        (torch.zeros(2).to_sparse(), "sparse_coo_Tensor"),
        (torch.zeros(1, device="meta"), "meta_Tensor"),
    ],
)
def test_what_is_no_plain_data_is_replaced_by_a_thing_that_equals_nothing(value, name):
    back = there_and_back([value])[0]
    assert isinstance(back, Foreign)
    assert type(back).__name__ == name
    assert back.__eq__(value) is NotImplemented


def test_a_value_that_contains_itself_ends_somewhere():
    circle: list = []
    circle.append(circle)
    back = there_and_back(circle)
    for _ in range(30):
        back = back[0]
    assert isinstance(back, list | Foreign)


def test_a_message_can_not_be_larger_than_one_may_be():
    one, other = socket.socketpair()
    with one, other:
        with pytest.raises(TooLarge):
            Wire(one).send("x" * 2_000_000, [])
        with pytest.raises(TooLarge):
            Wire(one).send(None, [b"x" * 65_000_000])
        other.sendall(struct.pack("!II", 2**31, 1))
        with pytest.raises(Malformed):
            Wire(one).receive()


# Answers from somebody who means harm


@contextmanager
def answering(reply) -> Iterator[Session]:
    """A session with somebody who answers each message with the bytes that `reply` makes of it."""
    here, there = socket.socketpair()
    wire = Wire(there)

    def live():
        try:
            while True:
                message, _ = wire.receive()
                if message["do"] == "done":
                    continue
                there.sendall(reply(message))
        except (LineClosed, OSError):
            there.close()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        yield Session(here, {"f": "function", "C": "class"}, [])
    finally:
        here.close()
        thread.join(timeout=5)


def frame(structure, *blobs: bytes) -> bytes:
    data = msgspec.msgpack.encode(structure)
    return (
        struct.pack(f"!II{len(blobs)}Q", len(data), len(blobs), *map(len, blobs))
        + data
        + b"".join(blobs)
    )


def answer(value, *blobs: bytes, **more) -> bytes:
    return frame(
        {"do": "answer", "value": value, "changes": [], "outputs": [], "graph": None, **more},
        *blobs,
    )


def tensor_of(
    numbers: str = "F64", shape: str = "[1]", offsets: str = "[0,8]", data=b"\0" * 8
) -> bytes:
    header = f'{{"":{{"dtype":"{numbers}","shape":{shape},"data_offsets":{offsets}}}}}'.encode()
    return struct.pack("<Q", len(header)) + header + data


def _nested(depth: int) -> list:
    value: list = ["list"]
    for _ in range(depth):
        value = ["list", value]
    return value


PART = ["", -1, True, "Net", True, {}]
HOSTILE = {
    "no message at all": b"\0" * 8,
    "a message that says nothing": frame([1, 2, 3]),
    "an unknown request": frame({"do": "eval", "code": "1"}),
    "an answer without parts": frame({"do": "answer"}),
    "a bare dictionary": answer({"a": 1}),
    "an unknown tag": answer(["pickle", 0], b"cos\nsystem\n"),
    "a class by name": answer(["generator", -1, 0], b"x"),
    "a reference to nothing": answer(["known", 12345]),
    "a reference that is no number": answer(["known", "__builtins__"]),
    "a blob that is not there": answer(["bytes", 99]),
    "a negative blob": answer(["bytes", -1], b"x"),
    "a tensor of rubbish": answer(["tensor", 0, 0, False, False, False, None], b"\xff" * 100),
    "a tensor larger than its numbers": answer(
        ["tensor", 0, 0, False, False, False, None], tensor_of(shape="[1000000000000]")
    ),
    "a tensor with negative offsets": answer(
        ["tensor", 0, 0, False, False, False, None], tensor_of(offsets="[-8,0]")
    ),
    "an array of objects": answer(["array", "O", [1], 0], b"\0" * 8),
    "an array of the wrong size": answer(["array", "d", [1 << 40], 0], b"\0" * 8),
    "a whole number of a million digits": answer(["int", "0x" + "f" * 100_000]),
    "a list too deep": answer(_nested(200)),
    "a dictionary with a list for a key": answer(["dict", [["list", 1], 2]]),
    "an iterator's end where there is none": frame({"do": "stop", "changes": [], "graph": None}),
    "a change of nothing": answer(None, changes=[[7, 0, False, None]]),
    "changes that are no list": answer(None, changes=7),
    "a graph without outputs": answer(["output", 0], graph=3),
    "an exception without words": frame({"do": "raised", "changes": [], "error": {}}),
    "an exception that is a number": frame({"do": "raised", "changes": [], "error": 5}),
    "a call by name": frame(
        {
            "do": "call",
            "target": "exec",
            "changes": [],
            "with": [["tuple", "1"], ["dict"]],
            "grad": True,
            "parameters": [],
        }
    ),
    "a call of what was not given": frame(
        {
            "do": "call",
            "target": 1,
            "changes": [],
            "with": [["tuple"], ["dict"]],
            "grad": True,
            "parameters": [],
        }
    ),
    "gradients of nothing": frame({"do": "backward", "graph": 0, "gradients": []}),
    "an iterator of nothing": frame({"do": "next", "key": 4, "changes": []}),
    "a module without parts": answer(["module", None, [], [], []]),
    "a module of the other side's making": answer(
        ["module", ["os", "system", [], {"command": "true"}], [PART], [], []]
    ),
    "a parameter called forward": answer(
        ["module", None, [PART], [["forward", -2, True, 0, False, None]], []], tensor_of()
    ),
    "a parameter of a part that is not there": answer(
        ["module", None, [PART], [["a.b", -2, True, 0, False, None]], []], tensor_of()
    ),
    "a part with a dunder name": answer(
        ["module", None, [PART, ["__class__", -2, True, "Net", True, {}]], [], []]
    ),
    "half a message": frame({"do": "answer"})[:-3],
}


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_answer_fails_its_check_and_nothing_else(title, monkeypatch):
    data = HOSTILE[title]
    with answering(lambda message: data) as checker:
        if title == "half a message":
            checker._line.settimeout(1)
        verdict = checker.check("c", CALL)
    assert verdict["status"] in ("failed", "gone")
    assert verdict["kind"] != "CheckBroken"


@pytest.mark.parametrize(
    "name",
    [
        "StopIteration",
        "GeneratorExit",
        "KeyboardInterrupt",
        "SystemExit",
        "BaseException",
        "Warning",
    ],
)
def test_an_exception_from_over_there_takes_over_no_loop_of_a_check(name):
    words = {"kinds": [name], "message": "", "frames": [], "missing": ""}
    data = frame({"do": "raised", "changes": [], "error": words})
    caught = "try:\n    f(1)\nexcept RuntimeError:\n    raise AssertionError('seen')\n"
    with answering(lambda message: data) as checker:
        assert checker.check("c", "for _ in map(f, range(3)):\n    pass\n")["status"] == "failed"
        if name != "Warning":
            assert checker.check("c", caught)["message"] == "seen"


messages = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.floats()
    | st.sampled_from(
        [
            "answer",
            "raised",
            "call",
            "known",
            "tensor",
            "module",
            "list",
            "tuple",
            "dict",
            "output",
            "array",
            "d",
            "",
            "x",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(
            st.sampled_from(
                [
                    "do",
                    "value",
                    "changes",
                    "outputs",
                    "graph",
                    "error",
                    "kinds",
                    "message",
                    "frames",
                    "missing",
                    "target",
                    "with",
                    "key",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(messages, st.lists(st.binary(max_size=40), max_size=3))
def test_no_message_breaks_the_checker(structure, blobs):
    if isinstance(structure, dict):
        structure = {"do": "answer", "changes": [], "outputs": [], "graph": None, **structure}
    data = frame(structure, *blobs)
    # a question is answered, and the same question comes again: here the checker's patience is short
    with mock.patch.object(peer, "_MOST_QUESTIONS", 20), answering(lambda _: data) as checker:
        verdict = checker.check("c", CALL)
    assert verdict["status"] in ("failed", "gone")
    assert verdict["kind"] != "CheckBroken"


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_break_the_checker(data):
    with answering(lambda message: data + b"\0" * 64) as checker:
        checker._line.settimeout(1)
        verdict = checker.check("c", CALL)
    assert verdict["status"] in ("failed", "gone")


# What a submission may and may not do to a check's own objects


EMPTIES = """
import torch
def f(model, x):
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
        x.zero_()
    model.train()
    return x
"""


def test_a_function_that_empties_the_model_does_not_empty_what_the_check_compares_with():
    check = """
from course_utils import check
model, (x, y) = check.tiny_classifier(), check.tiny_batch(3)
before = model(x).clone()
answer = f(model, x)
assert not answer.any()
assert (model(x) == before).all() and x.any() and not model.training
"""
    with session(EMPTIES, names={"f": "function"}) as checker:
        assert checker.check("c", check)["message"] == ""
        watched = check.replace(
            "answer = f(model, x)", "with check.unchanged(model, x): answer = f(model, x)"
        )
        assert "mode before the call" in checker.check("c", watched)["message"]


def test_each_call_finds_the_check_s_objects_as_the_check_has_them():
    count = "seen = []\ndef f(model, x):\n    seen.append(float(x.sum()))\n    x.add_(1)\n    model.eval()\n    return model.training, len(seen), seen[-1]\n"
    check = """
from course_utils import check
model, (x, y) = check.tiny_classifier().train(), check.tiny_batch(2)
assert f(model, x)[2] == f(model, x)[2] == float(x.sum())
x.zero_()
assert f(model, x)[2] == 0
assert model.training
"""
    with session(count, names={"f": "function"}) as checker:
        assert checker.check("c", check)["message"] == ""


def test_an_error_of_the_student_s_says_where_it_arose():
    broken = "def helper(x):\n    return x.nonsense\n\ndef f(x):\n    return helper(x)\n"
    check = (
        "from course_utils import check\n@check.promise\ndef p():\n    '''It works.'''\n    f(3)\n"
    )
    with session(broken, names={"f": "function"}) as checker:
        said = checker.check("c", check)["message"]
        missing = checker.check("c", check.replace("f(3)", "g(3)"))
    assert "your code stopped with AttributeError" in said
    assert "line 2 of its cell, in helper: return x.nonsense" in said
    assert "`g` is not defined" in missing["message"]


def test_a_function_that_is_not_there_is_said_to_be_missing():
    check = (
        "from course_utils import check\n@check.promise\ndef p():\n    '''It works.'''\n    f(3)\n"
    )
    with session("x = 1\n", names={"f": "function"}) as checker:
        assert "`f` is not defined" in checker.check("c", check)["message"]
        assert "f" in checker.check("c", "f(3)")["message"]


def test_the_end_of_the_student_s_process_ends_the_check_whatever_it_catches():
    with session("import os\ndef f(x):\n    os._exit(0)\n", names={"f": "function"}) as checker:
        verdict = checker.check(
            "c", "try:\n    f(1)\nexcept BaseException:\n    pass\nwhile True:\n    f(1)\n"
        )
    assert verdict["status"] in ("gone", "failed")


def test_a_subclass_that_poses_as_a_tensor_or_a_float_is_noted():
    code = "import torch\nclass T(torch.Tensor):\n    pass\nclass F(float):\n    pass\ndef f(which):\n    return T() if which else F(3)\n"
    with session(code, names={"f": "function"}) as checker:
        verdict = checker.check("c", "assert type(f(1)).__name__ == 'T' and f(0) != 3\n")
    assert verdict["message"] == ""
    assert any("poses as Tensor" in note for note in verdict["notes"])
    assert any("poses as float" in note for note in verdict["notes"])


def test_a_failed_promise_of_a_callback_counts_even_when_the_student_swallows_it():
    code = "def f(callback):\n    try:\n        callback(1)\n    except BaseException:\n        pass\n    return 1\n"
    check = "from course_utils import check\ndef call(x):\n    check.fail('seen')\nassert f(call) == 1\n"
    with session(code, names={"f": "function"}) as checker:
        assert checker.check("c", check)["message"] == "seen"


def test_a_check_that_is_at_fault_itself_is_told_apart():
    check = "from course_utils import check\n@check.promise\ndef p():\n    '''It works.'''\n    f(3)\n    [][1]\n"
    with session("def f(x):\n    return x\n", names={"f": "function"}) as checker:
        assert checker.check("c", check)["status"] == "broken"
        assert checker.check("c", "f(3)\nnot_there")["status"] == "broken"


def test_words_of_an_exception_that_can_not_be_printed_get_through():
    class Mute(ValueError):
        def __str__(self):
            raise RuntimeError

    error = raised.rebuild(raised.describe(Mute()))
    assert isinstance(error, ValueError)
    assert "can't be shown" in str(error)


def test_modules_of_torch_are_built_anew_with_what_was_set_since():
    code = "def f(model, x):\n    return [type(m).__name__ for m in model.modules()], model(x), model[2].p\n"
    check = """
import torch
from torch import nn
model = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False), nn.GELU(), nn.Dropout(0.5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 3)).eval()
x = torch.rand(2, 3, 8, 8)
model(x)
model[2].p = 0.25
names, logits, p = f(model, x)
assert names[0] == "Sequential", names
assert torch.allclose(logits, model(x)) and p == 0.25
"""
    with session(code, names={"f": "function"}) as checker:
        assert checker.check("c", check)["message"] == ""


WRITES = """
def f(errors, names, batches):
    errors["noise"].append(1.0)
    errors["blur"] = [0.0]
    names.clear()
    return len(errors), len(batches), errors["noise"][-1]
"""


def test_what_is_written_into_lists_and_dictionaries_is_seen_where_the_check_looks():
    check = """
import torch
from course_utils import check
errors, names, batches = {"noise": [0.5]}, {"a"}, [(torch.ones(1), 3)]
%s
    answer = f(errors, names, batches)
assert answer == (2, 1, 1.0)
assert (errors, names) == %s, (errors, names)
assert f({"noise": []}, set(), batches)[0] == 2
"""
    unseen, seen = '({"noise": [0.5]}, {"a"})', '({"noise": [0.5, 1.0], "blur": [0.0]}, set())'
    with session(WRITES, names={"f": "function"}) as checker:
        assert checker.check("c", check % ("if True:", unseen))["message"] == ""
        assert (
            checker.check("c", check % ("with check.changing(errors, names):", seen))["message"]
            == ""
        )
        said = checker.check("c", check % ("with check.unchanged(errors):", seen))["message"]
        assert "the dict that was given has changed" in said
        said = checker.check("c", check % ("with check.unchanged(names, batches):", seen))[
            "message"
        ]
        assert "the set that was given has changed" in said
