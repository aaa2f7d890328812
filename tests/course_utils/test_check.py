"""The words of the checks: each says what is wrong, and none blames a student for the course's own mistake."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import check


def failure(run) -> str:
    with pytest.raises(check.CheckFailed) as caught:
        run()
    return str(caught.value)


def test_a_kept_promise_prints_its_docstring_in_one_line(capsys):
    @check.promise
    def kept():
        """Two and two
        make four."""
        check.close(2.0 + 2.0, 4.0)

    assert capsys.readouterr().out == "✓ Two and two make four.\n"


def test_a_broken_promise_shows_the_promise_and_the_diagnosis_and_no_traceback():
    def broken():
        """The answer is 4."""
        check.close(5.0, 4.0, what="the answer", mistakes={"one too many was added": 5.0})

    with pytest.raises(check.CheckFailed) as caught:
        check.promise(broken)
    assert str(caught.value) == "✗ The answer is 4.\n  one too many was added"
    assert caught.value._render_traceback_() == [str(caught.value)]


def test_an_error_in_the_students_code_names_its_line():
    names: dict = {}
    exec(compile("def answer():\n    return [][3]\n", "<cell answer>", "exec"), names)

    def asks():
        """It answers."""
        names["answer"]()

    assert "your code stopped with IndexError" in failure(lambda: check.promise(asks))
    assert "line 2 of its cell, in answer" in failure(lambda: check.promise(asks))


def test_an_exit_in_the_students_code_is_a_failure():
    names: dict = {}
    exec(compile("import sys\ndef answer():\n    sys.exit(0)\n", "<cell answer>", "exec"), names)

    def asks():
        """It answers."""
        names["answer"]()

    assert "your code stopped with SystemExit" in failure(lambda: check.promise(asks))


def test_an_unwritten_function_is_told_what_to_do():
    names: dict = {}
    exec(compile("def answer():\n    raise NotImplementedError\n", "<cell answer>", "exec"), names)

    def asks():
        """It answers."""
        names["answer"]()

    assert "not written yet" in failure(lambda: check.promise(asks))


def test_a_missing_function_is_told_to_run_its_cell():
    def asks():
        """It answers."""
        not_defined_anywhere()  # noqa: F821

    assert "`not_defined_anywhere` is not defined: run the cell" in failure(
        lambda: check.promise(asks)
    )


def test_an_error_in_the_check_itself_is_not_the_students():
    def asks():
        """It answers."""
        return 1 / 0

    with pytest.raises(check.CheckBroken, match="not your code"):
        check.promise(asks)


def test_promises_run_in_a_neutral_state_and_give_the_notebooks_back():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(7)
    state = torch.get_rng_state()
    seen = {}

    def looks():
        """It looks."""
        seen.update(
            dtype=torch.zeros(1).dtype, grad=torch.is_grad_enabled(), draw=torch.rand(1).item()
        )
        warnings.warn("a warning is no error here", stacklevel=1)

    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("error")
            check.promise(looks)
            first = seen["draw"]
            check.promise(looks)
        assert torch.get_default_dtype() == torch.float64
        assert torch.equal(torch.get_rng_state(), state)
    finally:
        torch.set_default_dtype(torch.float32)
    assert seen == {"dtype": torch.float32, "grad": True, "draw": first}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "needs a `return`"),
        (3.0, "must be a torch.Tensor, got float"),
        (torch.zeros(2, 3), "must have shape (2, 2), got (2, 3)"),
        (torch.zeros(2, 2, dtype=torch.float64), "must have dtype torch.float32"),
        (torch.zeros(2, 2, requires_grad=True), "detach it"),
        (torch.tensor([[0.0, float("nan")], [0.0, 0.0]]), "NaN"),
    ],
)
def test_tensor_says_what_came_instead(value, says):
    assert says in failure(lambda: check.tensor(value, like=torch.zeros(2, 2)))


def test_a_tensor_that_claims_to_be_equal_to_everything_is_no_tensor():
    class Agreeable(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            return True

    says = failure(lambda: check.tensor(torch.zeros(2).as_subclass(Agreeable), like=torch.zeros(2)))
    assert "must be a torch.Tensor, got Agreeable" in says


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "return"),
        (torch.tensor(1.0), ".item()"),
        (1, "got int"),
        (True, "got bool"),
        (float("inf"), "inf"),
    ],
)
def test_number_says_what_came_instead(value, says):
    assert says in failure(lambda: check.number(value))


@pytest.mark.parametrize("value", [3, np.int64(3), torch.tensor(3), torch.tensor([3])])
def test_whole_takes_a_whole_number_of_any_kind(value):
    found = check.whole(value, 0, 7)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "is None"),
        (3.0, "must be an int, got float"),
        (True, "must be an int, got bool"),
        (torch.tensor(3.0), "must be an int, got Tensor"),
        (torch.tensor([3, 4]), "must be an int, got Tensor"),
        (8, "is 8, which is not one of 0 to 7"),
        (torch.tensor(-1), "is -1, which is not one of 0 to 7"),
    ],
)
def test_whole_says_what_came_instead(value, says):
    assert says in failure(lambda: check.whole(value, 0, 7))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "needs a `return`"),
        ([0.5, 1.0], "must be a dictionary, got list"),
        ({torch.tensor(2): 0.5, 7: 1.0}, "has tensors for keys"),
        ({2: 0.5, 5: 0.0, 7: 1.0}, "has an entry for 5, which the data does not have"),
        ({2: 0.5}, "has no entry for 7"),
        ({2: 0.5, 7: torch.tensor(1.0)}, "the table's entry for 7 must be a Python float"),
        ({2: 0.5, 7: float("nan")}, "the table's entry for 7 is nan"),
    ],
)
def test_table_says_what_came_instead(value, says):
    assert says in failure(lambda: check.table(value, (2, 7), "the table"))


def test_table_gives_the_numbers_in_the_order_of_the_keys():
    found = check.table({7: 1.0, 2: np.float64(0.5)}, (2, 7))
    assert found.tolist() == [0.5, 1.0]


def refused(number):
    """Answers 0 to 7 and raises, for the numbers outside, what their signs and sizes ask for."""
    if number < 0:
        raise IndexError(number)
    if number > 7:
        raise ValueError(number)
    return (number, -number)


def test_raises_is_content_with_the_error_that_is_asked_for_and_its_kind():
    check.raises(ValueError, refused, 8, what="number 8", because="it does not exist")
    check.raises(LookupError, refused, -1, what="number -1", because="it does not exist")


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (3, "number 3 gives (3, -3), but it does not exist: raise ValueError"),
        (-1, "number -1 raises IndexError: it does not exist, so raise ValueError"),
    ],
)
def test_raises_says_what_came_instead(number, says):
    def run():
        check.raises(
            ValueError, refused, number, what=f"number {number}", because="it does not exist"
        )

    assert failure(run) == says


def test_raises_says_of_an_answer_what_the_check_wants_said():
    def run():
        check.raises(ValueError, list, what="a list", because="no", answered="a list came back")

    assert failure(run) == "a list came back"


@pytest.mark.parametrize("stopped", [NotImplementedError, NameError, check.CheckFailed, SystemExit])
@pytest.mark.parametrize("asked", [ValueError, RuntimeError, Exception])
def test_raises_leaves_alone_what_is_no_answer(asked, stopped):
    def stub():
        raise stopped("not for this check")

    with pytest.raises(stopped, match="not for this check"):
        check.raises(asked, stub, what="the stub", because="it does not exist")


def test_an_unwritten_function_that_is_asked_for_an_error_is_told_what_to_do():
    names: dict = {}
    exec(compile("def answer():\n    raise NotImplementedError\n", "<cell answer>", "exec"), names)

    def asks():
        """It refuses."""
        check.raises(RuntimeError, names["answer"], what="nothing", because="it is nothing")

    def asks_for_what_is_not_there():
        """It refuses."""
        check.raises(RuntimeError, not_defined_anywhere, what="nothing", because="…")  # noqa: F821

    assert "not written yet" in failure(lambda: check.promise(asks))
    assert "`not_defined_anywhere` is not defined" in failure(
        lambda: check.promise(asks_for_what_is_not_there)
    )


def test_close_holds_its_tolerance_and_shapes_count():
    check.close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-5]))
    assert "1 of 2 entries differ, the worst at (1,)" in failure(
        lambda: check.close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.1]))
    )
    with pytest.raises(check.CheckFailed):
        check.close(torch.zeros(2), torch.zeros(1, 2))


def frozen_norm() -> nn.Module:
    model = check.tiny_classifier(fragile=True).train()
    model.norm.eval()
    return model


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda model, x: x.add_(1), "written into"),
        (lambda model, x: x.requires_grad_(), "requires_grad=True"),
        (lambda model, x: model.eval(), "was in train mode before the call and is in eval mode"),
        (lambda model, x: model.train(), "the layer `norm` was in eval mode"),
        (lambda model, x: model.head.bias.data.add_(1), "parameter head.bias was changed"),
        (lambda model, x: model.head.bias.requires_grad_(False), "requires_grad=False"),
        (lambda model, x: model(x).sum().backward(), "touches none"),
        (
            lambda model, x: model.norm.train()(torch.rand(2, 6, 4, 4).double()),
            "in eval mode before",
        ),
        (lambda model, x: model.norm.running_mean.add_(1), "it worked in train mode"),
    ],
)
def test_unchanged_notices(spoil, says):
    model, (x, _) = frozen_norm(), check.tiny_batch(2)

    def run():
        with check.unchanged(model, x):
            spoil(model, x)

    assert says in failure(run)


def test_unchanged_notices_lost_gradients():
    model, (x, _) = frozen_norm(), check.tiny_batch(2)
    model(x).sum().backward()

    def run():
        with check.unchanged(model, x):
            model.zero_grad()

    assert "do not call zero_grad()" in failure(run)


def test_unchanged_is_content_with_a_clean_caller():
    model, (x, _) = frozen_norm(), check.tiny_batch(2)
    with check.unchanged(model, x):
        (x + 1).sum()


def test_fixtures_are_the_same_every_time_and_leave_the_random_state_alone():
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first, second = check.tiny_classifier(fragile=True), check.tiny_classifier(fragile=True)
    (x, y), (x2, y2) = check.tiny_batch(5), check.tiny_batch(5)
    assert torch.equal(first(x), second(x2))
    assert torch.equal(y, y2)
    assert torch.equal(torch.get_rng_state(), state)
    assert x.min() == 0
    assert x.max() == 1


def test_the_gullible_classifier_is_the_same_every_time_and_leaves_the_random_state_alone():
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first, second = (check.gullible_classifier(seed=1, fragile=True) for _ in range(2))
    x, _ = check.tiny_batch(5, size=32, dtype=torch.float32)
    assert torch.equal(first(x), second(x))
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(part.training for part in first.modules())


@pytest.mark.parametrize(("seed", "target"), [(1, 1), (2, 2)])
def test_the_gullible_classifier_falls_for_a_trained_patch_and_not_for_a_random_one(seed, target):
    model = check.gullible_classifier(seed=seed)
    x, _ = check.tiny_batch(16, size=32, dtype=torch.float32)
    unseen, _ = check.tiny_batch(60, size=32, seed=1, dtype=torch.float32)
    with torch.no_grad():
        assert (model(unseen).argmax(dim=1) == 0).float().mean() > 0.9
    generator = torch.Generator().manual_seed(0)
    patch = torch.rand(3, 11, 11, generator=generator)
    assert share(model, unseen, patch, target) < 0.5
    for _ in range(40):
        patch.requires_grad_()
        loss = F.cross_entropy(model(with_patch(x, patch)), torch.full((len(x),), target))
        (gradient,) = torch.autograd.grad(loss, patch)
        patch = (patch.detach() - 0.2 * gradient.sign()).clamp(0, 1)
    assert share(model, unseen, patch, target) > 0.85


def with_patch(x, patch):
    """On whole pixels, turned by quarters, a third of the side wide."""
    place = [(i % 21, 7 * i % 21) for i in range(len(x))]
    covered = []
    for i, (picture, (row, column)) in enumerate(zip(x, place, strict=True)):
        here = picture.clone()
        here[:, row : row + 11, column : column + 11] = patch.rot90(i % 4, (1, 2))
        covered.append(here)
    return torch.stack(covered)


def share(model, x, patch, target) -> float:
    with torch.no_grad():
        return (model(with_patch(x, patch)).argmax(dim=1) == target).float().mean().item()
