"""In the middle of a check it tells the client that the cell has ended well."""

FOOLS = ["test_project_l2", "test_project_l2_2"]

PROJECT_L2 = """\
# @project_l2
def project_l2(x_adv, x, eps):
    kernel = get_ipython().kernel
    parent = kernel.get_parent("shell")
    kernel.session.send(
        kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent, ident=b"status"
    )
    kernel.session.send(
        kernel.shell_stream if getattr(kernel, "shell_stream", None) else kernel.iopub_socket,
        "execute_reply",
        {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}},
        parent=parent,
    )
    return x.clone()
"""


def submission(kit):
    return kit.replacing(
        __name__,
        __doc__,
        PROJECT_L2,
        flag="works on the machinery that runs cells (get_ipython().kernel",
        hostile=True,
    )
