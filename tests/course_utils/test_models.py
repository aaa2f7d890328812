"""The encoder's shape and cost, and models that survive being written down."""

import copy
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from course_utils import _shipped, models
from course_utils.models import Classifier, Encoder, Normalise, UNet, saving, zoo
from course_utils.models.pretext import PatchNet, ProjectionHead, SimCLRNet
from tests.course_utils.costs import multiply_adds, weights


def test_the_encoder_is_small_and_cheap():
    model = Classifier(Encoder(), 10).eval()
    assert 0.2e6 < weights(model) < 0.4e6
    assert multiply_adds(model, torch.rand(1, 3, 48, 48)) < 25e6


def test_what_the_encoders_docstring_says_it_costs():
    encoder = Encoder().eval()
    assert "287 thousand" in Encoder.__doc__
    assert round(weights(encoder) / 1000) == 287
    assert "22 million" in Encoder.__doc__
    assert round(multiply_adds(encoder, torch.rand(1, 3, 48, 48)) / 1e6) == 22


@settings(deadline=None, max_examples=15)
@given(n=st.integers(1, 5), height=st.integers(8, 70), width=st.integers(8, 70))
def test_any_size_gives_features_and_logits_of_one_shape(n, height, width):
    model = Classifier(Encoder(width=4), 7).eval()
    x = torch.rand(n, 3, height, width)
    assert model.encoder.feature_dim == 16
    assert model.encoder(x).shape == (n, 16)
    assert model(x).shape == (n, 7)


def test_normalisation_is_the_encoders_first_layer():
    encoder = Encoder()
    assert next(iter(encoder.children())) is encoder.normalise
    x = torch.tensor([0.0, 0.5, 1.0]).view(1, 3, 1, 1)
    assert Normalise((0, 0.5, 0.5), (1, 0.5, 0.25))(x).flatten().tolist() == [0, 0, 2]


def test_a_classifier_is_its_encoder_and_a_linear_head():
    encoder = Encoder(width=4)
    model = Classifier(encoder, 3).eval()
    x = torch.rand(2, 3, 16, 16)
    assert model.encoder is encoder
    assert torch.equal(model(x), model.head(encoder(x)))


def test_a_patch_network_tells_the_centre_from_the_neighbour():
    model = PatchNet(Encoder(width=4)).eval()
    centre, neighbour = torch.rand(2, 5, 3, 16, 16)
    logits = model(centre, neighbour)
    assert logits.shape == (5, 8)
    both = torch.cat([model.encoder(centre), model.encoder(neighbour)], dim=1)
    assert torch.allclose(logits, model.head(both), atol=1e-6)
    assert not torch.allclose(logits, model(neighbour, centre))


def test_simclrs_projection_is_the_heads_of_the_features():
    model = SIMCLR.eval()
    x = torch.rand(2, 3, 16, 16)
    assert torch.equal(model(x), model.head(model.encoder(x)))
    assert [type(layer) for layer in model.head] == [nn.Linear, nn.ReLU, nn.Linear]


def test_a_copy_is_independent_and_equal():
    model = Classifier(Encoder(width=4), 3).eval()
    twin = copy.deepcopy(model)
    x = torch.rand(2, 3, 16, 16)
    assert torch.equal(twin(x), model(x))
    with torch.no_grad():
        twin.head.weight.zero_()
    assert not torch.equal(twin(x), model(x))


SIMCLR = SimCLRNet(Encoder(width=5), ProjectionHead(20, 7, 3))


@pytest.mark.parametrize(
    "model",
    [
        Encoder(),
        Encoder(width=5),
        Classifier(Encoder(width=6), 4),
        PatchNet(Encoder(width=5)),
        SIMCLR,
        SIMCLR.head,
        UNet(4, 3),
        UNet(1, 5, width=6),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_spec_survives_json_and_builds_the_same_shape(model):
    spec = json.loads(json.dumps(models.spec(model)))
    built = models.build(spec)
    assert type(built) is type(model)
    shapes = {name: tensor.shape for name, tensor in model.state_dict().items()}
    assert {name: tensor.shape for name, tensor in built.state_dict().items()} == shapes


def test_a_model_of_somebody_else_has_no_spec():
    class Mine(Encoder):
        pass

    for model in (nn.Linear(2, 2), Mine()):
        with pytest.raises(TypeError, match="only course_utils' own models"):
            models.spec(model)


ENCODER = {"kind": "Encoder", "width": 8}


@pytest.mark.parametrize(
    "spec",
    [
        None,
        "Encoder",
        {},
        {"kind": "os.system"},
        {"kind": "Encoder"},
        {"kind": "Encoder", "width": 8, "more": 1},
        {"kind": "Encoder", "width": 10**9},
        {"kind": "Encoder", "width": -1},
        {"kind": "Encoder", "width": True},
        {"kind": "Encoder", "width": 8.0},
        {"kind": ["Encoder"], "width": 8},
        {"kind": "Classifier", "encoder": ENCODER, "num_classes": 10**9},
        {"kind": "SimCLRNet", "encoder": ENCODER, "head": ENCODER},
        {"kind": "ProjectionHead", "in_dim": 10**9, "hidden_dim": 1, "out_dim": 1},
        {"kind": "UNet", "in_channels": 1, "out_channels": 3, "width": 10**9},
        {"kind": "UNet", "in_channels": 0, "out_channels": 3, "width": 8},
        {"kind": "UNet", "in_channels": 1, "out_channels": 10**9, "width": 8},
        {"kind": "Classifier", "encoder": {"kind": "Nothing"}, "num_classes": 3},
        {
            "kind": "Classifier",
            "encoder": {"kind": "Classifier", "encoder": ENCODER, "num_classes": 2},
            "num_classes": 3,
        },
    ],
)
def test_a_strangers_spec_is_refused_without_building_anything(spec):
    with pytest.raises(ValueError, match=r"."):
        models.build(spec)


def deep(levels: int) -> dict:
    spec = ENCODER
    for _ in range(levels):
        spec = {"kind": "Classifier", "encoder": spec, "num_classes": 2}
    return spec


def test_a_deeply_nested_spec_does_not_exhaust_the_stack():
    with pytest.raises(ValueError, match="encoder must be of kind Encoder"):
        models.build(deep(100_000))


def test_a_saved_model_comes_back_in_eval_mode_with_its_facts(tmp_path):
    model = Classifier(Encoder(width=4), 3)
    model(torch.rand(8, 3, 16, 16))  # moves the running statistics
    path = tmp_path / "new" / "model.safetensors"
    models.save(model, path, seed=3, accuracy=0.5)
    loaded = models.load(path)
    assert not loaded.training
    x = torch.rand(2, 3, 16, 16)
    assert torch.equal(loaded(x), model.eval()(x))
    assert saving.facts(path) == {"seed": 3, "accuracy": 0.5}


def test_the_same_model_makes_the_same_file(tmp_path):
    model = Classifier(Encoder(width=4), 3)
    for name in ("a", "b"):
        models.save(model, tmp_path / name, seed=3)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def write_foreign(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path)


def write_cut_off(path: Path) -> None:
    models.save(Encoder(width=4), path)
    path.write_bytes(path.read_bytes()[:500])


def write_wrong_shape(path: Path) -> None:
    tensors = {name: tensor.contiguous() for name, tensor in Encoder(width=4).state_dict().items()}
    save_file(tensors, path, {"spec": json.dumps({"kind": "Encoder", "width": 5})})


def write_bad_json(path: Path) -> None:
    save_file({"weight": torch.zeros(2)}, path, {"spec": "{"})


@pytest.mark.parametrize(
    "write",
    [
        write_foreign,
        write_cut_off,
        write_wrong_shape,
        write_bad_json,
        lambda path: path.write_text(""),
    ],
)
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path, write):
    path = tmp_path / "model.safetensors"
    write(path)
    with pytest.raises(
        ValueError, match=r"model.safetensors is damaged or no model of course_utils"
    ):
        models.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no model file .*nothing.safetensors"):
        models.load(tmp_path / "nothing.safetensors")


@pytest.fixture
def small_zoo(tmp_path, monkeypatch):
    folder = tmp_path / "zoo"
    models.save(Classifier(Encoder(width=4), 3), folder / "tiny.safetensors", seed=1)
    (folder / "tiny.md").write_text("# tiny\nA card — mit Ümläuten.", encoding="utf-8")
    monkeypatch.setattr(_shipped, "PLACES", (tmp_path / "not there", tmp_path))
    return folder


def test_the_zoo_lists_loads_and_describes_its_models(small_zoo):
    assert zoo.names() == ["tiny"]
    model = zoo.load("tiny")
    assert isinstance(model, Classifier)
    assert not model.training
    assert zoo.card("tiny").startswith("# tiny")


@pytest.mark.parametrize("name", ["huge", "../tiny", "tiny.safetensors", ""])
def test_the_zoo_says_what_it_has_when_asked_for_something_else(small_zoo, name):
    for ask in (zoo.load, zoo.card):
        with pytest.raises(ValueError, match="it has: tiny"):
            ask(name)


def test_every_model_of_the_zoo_loads_and_has_a_card():
    for name in zoo.names():
        model = zoo.load(name)
        assert not model.training
        assert zoo.card(name).startswith("#")


def test_each_submodules_own_mode_comes_back():
    model = Classifier(Encoder(width=4), 3).train()
    model.encoder.stages[0][1].eval()
    flags = [module.training for module in model.modules()]
    with models.evaluating(model):
        assert not any(module.training for module in model.modules())
    assert [module.training for module in model.modules()] == flags
    with pytest.raises(KeyError), models.evaluating(model):
        raise KeyError
    assert [module.training for module in model.modules()] == flags
