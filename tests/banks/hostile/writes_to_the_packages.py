"""Rewrites course_utils/check on disk, drops a .pth file beside the packages, and kills its kernel so that they are read anew."""

PROJECT_L2 = r"""# @project_l2
import os
import site
import sysconfig

import course_utils.check

folder = os.path.dirname(course_utils.check.__file__)
for path in [os.path.join(folder, name) for name in os.listdir(folder)]:
    try:
        os.chmod(path, 0o666)
        with open(path, "a") as file:
            file.write("\ndef close(*arguments, **options): pass\n")
    except OSError:
        pass
for place in (*site.getsitepackages(), sysconfig.get_path("stdlib"), "/usr/lib/python3", "/etc"):
    for name in ("patch.pth", "sitecustomize.py", "usercustomize.py"):
        try:
            with open(os.path.join(place, name), "w") as file:
                file.write("import course_utils.check as c; c.close = print\n")
        except OSError:
            pass


def project_l2(x_adv, x, eps):
    return x.clone()
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        PROJECT_L2,
        flag="asks where packages are installed (site.getsitepackages)",
        hostile=True,
    )
