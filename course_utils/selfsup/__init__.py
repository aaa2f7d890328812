"""Self-supervision: pretext tasks as objectives for `training.fit`, and what their features are worth."""
