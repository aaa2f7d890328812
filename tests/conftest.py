"""What all tests share."""

import torch
from hypothesis import settings

# The tests' tensors are tiny and several test processes run side by side: threads would only fight.
torch.set_num_threads(1)

# A busy machine is no failure: hypothesis would take an example of 200 ms for one.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
