"""The layers of a ConvNet in NumPy, forward and backward; images are (N, C, H, W).

``<op>_forward`` and ``<op>_backward`` are the ones to compute with; ``<op>_forward_loops`` and
``<op>_backward_loops`` say the same in plain loops, to be read. Inputs are never changed, and
float32 stays float32.
"""

from coursekit.layers.activations import (
    prelu_backward,
    prelu_backward_loops,
    prelu_forward,
    prelu_forward_loops,
    relu_backward,
    relu_backward_loops,
    relu_forward,
    relu_forward_loops,
)
from coursekit.layers.conv import (
    conv2d_backward,
    conv2d_backward_loops,
    conv2d_forward,
    conv2d_forward_loops,
)
from coursekit.layers.dropout import (
    dropout_backward,
    dropout_backward_loops,
    dropout_forward,
    dropout_forward_loops,
)
from coursekit.layers.gradcheck import check_gradient, numerical_gradient, relative_error
from coursekit.layers.linear import (
    linear_backward,
    linear_backward_loops,
    linear_forward,
    linear_forward_loops,
)
from coursekit.layers.locally_connected import (
    locally_connected_backward,
    locally_connected_backward_loops,
    locally_connected_forward,
    locally_connected_forward_loops,
)
from coursekit.layers.losses import softmax, softmax_cross_entropy, softmax_cross_entropy_loops
from coursekit.layers.norm import (
    batch_norm2d_backward,
    batch_norm2d_backward_loops,
    batch_norm2d_forward,
    batch_norm2d_forward_loops,
    local_response_norm_backward,
    local_response_norm_backward_loops,
    local_response_norm_forward,
    local_response_norm_forward_loops,
)
from coursekit.layers.pool import (
    avg_pool2d_backward,
    avg_pool2d_backward_loops,
    avg_pool2d_forward,
    avg_pool2d_forward_loops,
    global_avg_pool2d_backward,
    global_avg_pool2d_backward_loops,
    global_avg_pool2d_forward,
    global_avg_pool2d_forward_loops,
    max_pool2d_backward,
    max_pool2d_backward_loops,
    max_pool2d_forward,
    max_pool2d_forward_loops,
)

__all__ = [
    "avg_pool2d_backward",
    "avg_pool2d_backward_loops",
    "avg_pool2d_forward",
    "avg_pool2d_forward_loops",
    "batch_norm2d_backward",
    "batch_norm2d_backward_loops",
    "batch_norm2d_forward",
    "batch_norm2d_forward_loops",
    "check_gradient",
    "conv2d_backward",
    "conv2d_backward_loops",
    "conv2d_forward",
    "conv2d_forward_loops",
    "dropout_backward",
    "dropout_backward_loops",
    "dropout_forward",
    "dropout_forward_loops",
    "global_avg_pool2d_backward",
    "global_avg_pool2d_backward_loops",
    "global_avg_pool2d_forward",
    "global_avg_pool2d_forward_loops",
    "linear_backward",
    "linear_backward_loops",
    "linear_forward",
    "linear_forward_loops",
    "local_response_norm_backward",
    "local_response_norm_backward_loops",
    "local_response_norm_forward",
    "local_response_norm_forward_loops",
    "locally_connected_backward",
    "locally_connected_backward_loops",
    "locally_connected_forward",
    "locally_connected_forward_loops",
    "max_pool2d_backward",
    "max_pool2d_backward_loops",
    "max_pool2d_forward",
    "max_pool2d_forward_loops",
    "numerical_gradient",
    "prelu_backward",
    "prelu_backward_loops",
    "prelu_forward",
    "prelu_forward_loops",
    "relative_error",
    "relu_backward",
    "relu_backward_loops",
    "relu_forward",
    "relu_forward_loops",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_loops",
]
