"""Right work of somebody whom no list knows, under a name that is an address."""


def submission(kit):
    return kit.hand_in("nobody@example.org", __doc__, kit.solved())
