"""An autoencoder beside a VAE: planes of codes, and samplers of codes."""

from genmodels.studies.autoencoders.finding import PlaneFinding, SamplersFinding
from genmodels.studies.autoencoders.study import Plane, Samplers, longer_specs, plane_specs

__all__ = ["Plane", "PlaneFinding", "Samplers", "SamplersFinding", "longer_specs", "plane_specs"]
