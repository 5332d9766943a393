"""The shipped course: it follows the lecture "VAEs and GANs" slide by slide: a row a lesson."""

from pages.parts.course import Lesson

COURSE: list[Lesson] = [
    Lesson(
        "Three uses of a latent variable",
        "",
        {"data": "digits"},
        "Three models saw the same digits. Which samples would you take for real?",
        "The GAN's are sharpest, the VAE's softest; only the mixture can tell how likely a digit is.",
    ),
]
