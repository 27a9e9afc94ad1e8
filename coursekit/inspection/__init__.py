"""Looking inside a trained network: what its units see, like and look at."""

from coursekit.inspection.activations import activations, active_share
from coursekit.inspection.filters import FilterPictures, filter_pictures
from coursekit.inspection.gradients import gradient_norms
from coursekit.inspection.patches import TopPatches, top_patches
from coursekit.inspection.projections import deconvnet, guided_gradients, occlusion_map
from coursekit.inspection.separation import fit_linear, probe, right_share

__all__ = [
    "FilterPictures",
    "TopPatches",
    "activations",
    "active_share",
    "deconvnet",
    "filter_pictures",
    "fit_linear",
    "gradient_norms",
    "guided_gradients",
    "occlusion_map",
    "probe",
    "right_share",
    "top_patches",
]
