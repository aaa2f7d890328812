"""Which device is chosen and what happens when a batch does not fit. GPUs are pretended."""

import random
import warnings
from contextlib import nullcontext

import numpy
import pytest
import torch

from course_utils import device


@pytest.fixture
def only(monkeypatch):
    """Makes the machine one that has just these kinds of device."""

    def have(*kinds):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in kinds)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in kinds)
        monkeypatch.setattr(torch.xpu, "is_available", lambda: "xpu" in kinds)

    return have


@pytest.mark.parametrize(
    ("there", "picked"),
    [((), "cpu"), (("cuda", "mps", "xpu"), "cuda"), (("mps", "xpu"), "mps"), (("xpu",), "xpu")],
)
def test_the_best_device_is_picked(only, there, picked):
    only(*there)
    assert device.pick().type == picked
    assert device.available() == [*there, "cpu"]


def test_a_preference_is_kept(only):
    only("cuda")
    assert device.pick("cpu") == torch.device("cpu")
    assert device.pick("cuda:1") == torch.device("cuda:1")
    assert device.pick(torch.device("cuda")).type == "cuda"


@pytest.mark.parametrize("prefer", ["cuda", "mps", "xpu:0", "gpu"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(only, prefer):
    only()
    with pytest.raises(ValueError, match="this machine has: cpu"):
        device.pick(prefer)


def test_describe_is_one_line(only):
    only()
    line = device.describe()
    assert line.startswith("cpu: ")
    assert torch.__version__ in line
    assert "\n" not in line


def test_describe_names_a_gpu_its_memory_and_its_precision(only, monkeypatch):
    class Facts:
        name = "Some GPU"
        total_memory = 16 * 2**30

    only("cuda")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: Facts)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    assert "Some GPU, 16 GiB, mixed precision bfloat16" in device.describe("cuda")


@pytest.mark.parametrize(
    ("kind", "capability", "dtype"),
    [
        ("cuda", (7, 5), torch.float16),  # Colab's T4
        ("cuda", (8, 0), torch.bfloat16),
        ("cuda", (9, 0), torch.bfloat16),
        ("xpu", None, torch.bfloat16),
        ("mps", None, None),
        ("cpu", None, None),
    ],
)
def test_half_precision_is_what_the_device_is_good_at(monkeypatch, kind, capability, dtype):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert device.half_dtype(kind) == dtype


@pytest.mark.parametrize(
    ("there", "size"),
    [((), "small"), (("mps",), "small"), (("xpu",), "large"), (("cuda",), "large")],
)
def test_a_gpu_that_trains_in_16_bits_gets_the_larger_size(only, monkeypatch, there, size):
    only(*there)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert device.sized(cpu="small", gpu="large") == size
    assert device.sized(cpu="small", gpu="large", device="cpu") == "small"


def test_autocast_does_nothing_on_a_cpu():
    assert isinstance(device.autocast("cpu"), nullcontext)
    with device.autocast("cpu"):
        assert (torch.rand(2, 2) @ torch.rand(2, 2)).dtype == torch.float32


def test_autocast_on_a_gpu_uses_its_half_precision(only, monkeypatch):
    only("cuda")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    context = device.autocast("cuda")
    assert isinstance(context, torch.autocast)
    assert (context.device, context.fast_dtype) == ("cuda", torch.bfloat16)


def test_one_seed_seeds_everything():
    def draw():
        generator = device.seed_everything(7)
        return (
            random.random(),
            numpy.random.rand(),  # noqa: NPY002  the global generator is what is being seeded
            torch.rand(1).item(),
            torch.rand(1, generator=generator).item(),
        )

    first = draw()
    assert first == draw()
    assert device.seed_everything(7).device.type == "cpu"


class Memory:
    """A device that holds `room` images."""

    def __init__(self, room):
        self.room = room
        self.tried = []

    def double(self, x, y):
        self.tried.append(len(x))
        if len(x) > self.room:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return 2 * x + y


def test_a_batch_that_fits_is_one_call_without_a_warning():
    memory, x = Memory(8), torch.arange(8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (result,) = device.halve_on_oom(memory.double, (x, x))
    assert torch.equal(result, 3 * x)
    assert memory.tried == [8]


@pytest.mark.parametrize(("size", "room"), [(8, 4), (7, 2), (8, 1), (1, 1), (3, 1)])
def test_a_batch_that_does_not_fit_is_halved_until_it_does(size, room):
    memory, x = Memory(room), torch.arange(size)
    with pytest.warns(UserWarning, match="does not fit") if size > room else nullcontext():
        results = device.halve_on_oom(memory.double, (x, x))
    assert torch.equal(torch.cat(results), 3 * x)


def test_every_attempt_starts_afresh():
    memory, x, restarts = Memory(2), torch.arange(8), []
    with (
        pytest.warns(UserWarning, match="a batch of 8 .* in pieces of 4 instead"),
        pytest.warns(UserWarning, match="a batch of 8 .* in pieces of 2 instead"),
    ):
        device.halve_on_oom(memory.double, (x, x), restart=lambda: restarts.append(1))
    assert len(restarts) == 3  # whole, halves, quarters


def test_what_was_learnt_about_the_memory_can_be_passed_on():
    memory, x = Memory(2), torch.arange(8)
    results = device.halve_on_oom(memory.double, (x, x), pieces=4)
    assert memory.tried == [2, 2, 2, 2]
    assert len(results) == 4
    memory.tried.clear()
    device.halve_on_oom(memory.double, (x[:3], x[:3]), pieces=4)  # a short last batch
    assert memory.tried == [1, 1, 1]


def test_a_single_image_that_does_not_fit_is_an_error():
    with (
        pytest.warns(UserWarning, match="does not fit"),
        pytest.raises(torch.cuda.OutOfMemoryError),
    ):
        device.halve_on_oom(Memory(0).double, (torch.arange(4), torch.arange(4)))


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def fail(x):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        device.halve_on_oom(fail, (torch.arange(4),))


def test_apples_out_of_memory_is_recognised():
    def fail(x):
        if len(x) > 2:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 18 GB)")
        return x

    with pytest.warns(UserWarning, match="pieces of 2"):
        assert len(device.halve_on_oom(fail, (torch.arange(4),))) == 2
