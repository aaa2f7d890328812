"""A class that a student writes, however they write it, is one that a check can build and use."""

import pytest

from tests.autograder.line import in_one_process, session

IMPORTS = "import copy\nimport torch\nfrom torch import nn\n"
CLASSES = {
    "Plain": """
class Plain(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(feature_dim, 4)
    def forward(self, x):
        return self.head(self.encoder(x))
""",
    "FirstInASequence": """
class FirstInASequence(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.net = nn.Sequential(encoder, nn.Linear(feature_dim, 4))
        self.encoder = self.net[0]
    def forward(self, x):
        return self.net(x)
""",
    "NamedByAProperty": """
class NamedByAProperty(nn.Sequential):
    def __init__(self, encoder, feature_dim):
        super().__init__(encoder, nn.Linear(feature_dim, 4))
    @property
    def encoder(self):
        return self[0]
""",
    "WithABufferOfItsOwn": """
class WithABufferOfItsOwn(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.norm = encoder, nn.BatchNorm1d(feature_dim)
        self.weight = nn.Parameter(torch.randn(feature_dim, 4))
    def forward(self, x):
        return self.norm(self.encoder(x)) @ self.weight
""",
}
# Which has no weights before its first forward pass.
LAZY = """
class Lazy(nn.Module):
    def __init__(self, encoder, feature_dim):
        super().__init__()
        self.encoder, self.head = encoder, nn.LazyLinear(4)
    def forward(self, x):
        return self.head(self.encoder(x))
"""
CHECK = """
import torch
from torch import nn
from course_utils import check
encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 5))
net = {name}(encoder, 5)
assert net.encoder is encoder
assert isinstance(net, nn.Module) and isinstance(net, {name})
x = torch.rand(3, 3, 2, 2)
before = net(x)
assert before.shape == (3, 4)
before.sum().backward()
assert all(p.grad is not None for p in net.parameters())
with torch.no_grad():
    encoder[1].weight.add_(1.0)
assert not torch.equal(net(x), before)
"""
IN_FLOAT64 = """
{name}_double = {name}(encoder.double(), 5).double()
assert {name}_double(x.double()).dtype == torch.float64
{name}_double.eval()
twin = {name}(encoder, 5).double().eval()
twin.load_state_dict({name}_double.state_dict())
assert torch.allclose(twin(x.double()), {name}_double(x.double()))
"""


@pytest.fixture(scope="module")
def checker():
    cells = [IMPORTS, *CLASSES.values(), LAZY]
    with session(*cells, names=dict.fromkeys([*CLASSES, "Lazy"], "class")) as checker:
        yield checker


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_built_and_used_over_the_line_as_in_one_process(checker, name):
    check = (CHECK + IN_FLOAT64).format(name=name)
    assert checker.check("c", check)["message"] == ""
    assert in_one_process([IMPORTS, CLASSES[name]], {"c": check}) == {"c": ""}


def test_a_layer_that_has_no_weights_yet_does_not_stand_in_the_way(checker):
    assert checker.check("c", CHECK.format(name="Lazy"))["message"] == ""


def test_the_statistics_of_an_encoder_in_a_students_class_are_seen_where_the_check_looks(checker):
    check = """
import torch
from torch import nn
from course_utils import check
encoder = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(12))
net, x = Plain(encoder, 12), torch.rand(4, 3, 2, 2)
net(x)
assert torch.equal(encoder[1].running_mean, torch.zeros(12))
with check.changing(net):
    net(x)
assert torch.allclose(encoder[1].running_mean, 0.1 * x.flatten(1).mean(dim=0))
net.eval()
assert not encoder.training
with check.unchanged(net):
    net(x)
"""
    assert checker.check("c", check)["message"] == ""


def test_a_check_that_copies_a_students_module_is_told_what_to_do_instead(checker):
    check = "import copy\nfrom torch import nn\ncopy.deepcopy(Plain(nn.Flatten(), 12))\n"
    said = checker.check("c", check)["message"]
    assert "make a second Plain, then load_state_dict" in said
