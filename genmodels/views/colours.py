"""The colour of each model in charts and, as CSS, in the browser's components.

Any two differ by .08 in OKLab or more, also for each kind of colour blindness (Machado 2009), and each is readable as text on its
ground (contrast 4.5).
"""

COLOURS = {  # on a light and on a dark ground
    "gmm": ("#04554e", "#c5ffe0"),
    "mfa": ("#a2137b", "#b07592"),
    "autoencoder": ("#242d1e", "#adc9c8"),
    "vae": ("#2b6cb0", "#6fa8e6"),
    "gan": ("#c2410c", "#f2824f"),
    "vae-gan": ("#6607af", "#876de9"),
    "flow-matching": ("#6a3f0a", "#f7de3e"),
}


def css(light: str, dark: str, of: str) -> str:
    """Return rules that set `--vae` and its like where the selectors `light` and `dark` match, and `--model` where `of` does.

    `of` holds a model's name in its {}.
    """
    grounds = [
        f"{selector} {{ {' '.join(f'--{model}: {colours[ground]};' for model, colours in COLOURS.items())} }}"
        for ground, selector in enumerate((light, dark))
    ]
    return "\n".join([*grounds, *(f"{of.format(model)} {{ --model: var(--{model}); }}" for model in COLOURS)])
