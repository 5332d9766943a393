"""Train small generative models and compare them honestly."""
