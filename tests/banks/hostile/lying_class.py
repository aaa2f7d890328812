"""Its class says that it is torch.Tensor, whoever asks by isinstance or by __class__."""

PROJECT_L2 = """\
# @project_l2
class Meta(type):
    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__

    def __instancecheck__(cls, instance):
        return True


class Right(metaclass=Meta):
    __class__ = torch.Tensor
    shape = torch.Size([2, 3, 4, 4])
    dtype, device, requires_grad = torch.float32, torch.device("cpu"), False

    def __getattr__(self, name):
        return lambda *arguments, **options: self


def project_l2(x_adv, x, eps):
    return Right()
"""


def submission(kit):
    return kit.replacing(
        __name__, __doc__, PROJECT_L2, flag="defines __instancecheck__", hostile=True
    )
