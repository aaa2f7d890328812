"""What all tests share."""

import torch

# The tests' tensors are tiny and several test processes run side by side: threads would only fight.
torch.set_num_threads(1)
