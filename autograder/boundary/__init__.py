"""The line between a check and the code it checks: calls cross as plain data, nothing else does.

The checker is trusted and outside the sandbox, the student's kernel inside; each holds one end of a
socket. `wire` frames messages, `values` turns values into plain data and back, `modules` and
`optimizers` keep objects that both sides know in step, `peer` is one end of the conversation,
`checker` runs check cells with the student's names as proxies, `student` answers for the names.

The package is mounted into the sandbox by itself, as `boundary`: it imports nothing of `autograder`.
"""
