"""Our attacks and ImageNet's networks on real weights and real pictures.

benchmarks/real_cifar10.py prints the whole table; here is what fits into a minute.
"""

import numpy as np
import pytest
import torch

from course_utils import _torchvision, robustness
from course_utils.attacks import fgsm, pgd
from course_utils.models import imagenet
from tests.course_utils.resnet20 import resnet20
from tests.real import real

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def network():
    return resnet20(real("weights", "resnet20_cifar10.safetensors"))


@pytest.fixture(scope="module")
def test_set():
    with np.load(real("cifar10", "test.npz")) as test:
        images = torch.from_numpy(test["x"]).permute(0, 3, 1, 2)
        return images.float() / 255, torch.from_numpy(test["y"])


def every(n, test_set):
    images, labels = (tensor[::n] for tensor in test_set)
    return list(zip(images.split(250), labels.split(250), strict=True))


@pytest.mark.parametrize(("eps", "measured"), [(4, 0.194), (8, 0.1595)])
def test_fgsm_leaves_resnet20_what_others_measured(network, test_set, eps, measured):
    left = robustness.accuracy(
        network, every(5, test_set), lambda m, x, y: fgsm(m, x, y, eps / 255)
    )
    assert left == pytest.approx(measured, abs=0.005)


def test_pgd_leaves_next_to_nothing_of_resnet20(network, test_set):
    """1.85 % was measured on five times as many images: PGD-10 from a zero start, 2/255."""
    left = robustness.accuracy(
        network,
        every(50, test_set),
        lambda m, x, y: pgd(m, x, y, 2 / 255, steps=10, random_start=False),
    )
    assert left <= 0.04


def test_on_real_images_we_agree_with_torchattacks(network, test_set):
    _torchvision.ensure()
    torchattacks = pytest.importorskip("torchattacks")
    x, y = (tensor[:50] for tensor in test_set)
    eps, step = 2 / 255, 0.5 / 255
    for ours, theirs in (
        (fgsm(network, x, y, eps), torchattacks.FGSM(network, eps=eps)),
        (
            pgd(network, x, y, eps, step_size=step, steps=5, random_start=False),
            torchattacks.PGD(network, eps=eps, alpha=step, steps=5, random_start=False),
        ),
    ):
        torch.testing.assert_close(ours, theirs(x, y), atol=1e-6, rtol=0)


def test_float64_logits_uncover_what_float32_hides(network, test_set):
    """Where the softmax rounds to 1 the float32 gradient has lost its largest term."""
    batches = every(20, test_set)
    plain, exact = (
        robustness.accuracy(network, batches, attack)
        for attack in (
            lambda m, x, y: fgsm(m, x, y, 8 / 255),
            lambda m, x, y: fgsm(lambda pictures: m(pictures).double(), x, y, 8 / 255),
        )
    )
    assert exact < plain - 0.03


@pytest.fixture(scope="module")
def squeezenet():
    """Trained in Caffe: pixels of 0 to 255 around their mean, photographs squeezed to a square."""
    return imagenet.squeezenet1_0(
        real("weights", "squeezenet1_0_imagenet_fp16.safetensors"),
        mean=(123 / 255, 117 / 255, 104 / 255),
        std=(1 / 255, 1 / 255, 1 / 255),
        keep_aspect=False,
    )


def test_squeezenet_knows_imagenet(squeezenet):
    """65.1 % top-1 and 86.1 % top-5 were measured on all 1,000 pictures; here a tenth of them."""
    files = sorted(real("imagenet_samples").glob("*.jpg"))
    assert len(files) == 1000
    right = [0, 0]
    with torch.no_grad():
        for label in range(0, 1000, 10):
            best = squeezenet(squeezenet.preprocess(files[label])).topk(5).indices[0].tolist()
            right[0] += best[0] == label
            right[1] += label in best
    assert 0.55 <= right[0] / 100 <= 0.75
    assert 0.78 <= right[1] / 100 <= 0.95


def test_squeezenet_sees_the_giant_panda_and_pgd_makes_it_a_gibbon(squeezenet):
    x = squeezenet.preprocess(real("imagenet_samples", "n02510455_giant_panda.jpg"))
    panda, gibbon = (squeezenet.classes.index(name) for name in ("giant panda", "gibbon"))
    with torch.no_grad():
        assert squeezenet(x).argmax().item() == panda
        x_adv = pgd(
            squeezenet, x, torch.tensor([gibbon]), 8 / 255, steps=10, targeted=True,
            generator=torch.Generator().manual_seed(0),
        )  # fmt: skip
        assert squeezenet(x_adv).argmax().item() == gibbon
