"""The colour of each family of models, the same wherever it is drawn: in charts, and as CSS for the browser's own components."""

COLOURS = {  # on a light and on a dark ground
    "mixture": ("#117a65", "#3fbf9f"),
    "autoencoder": ("#6b7280", "#a3abb8"),
    "vae": ("#2b6cb0", "#6fa8e6"),
    "gan": ("#c2410c", "#f2824f"),
    "hybrid": ("#7c3aed", "#b79cf5"),
    "flow": ("#a16207", "#dcae4a"),
}


def css(light: str, dark: str, of: str) -> str:
    """Return rules that set `--vae` and its like where the selectors `light` and `dark` match, and `--family` where `of` does.

    `of` holds a family's name in its {}.
    """
    grounds = [
        f"{selector} {{ {' '.join(f'--{family}: {colours[ground]};' for family, colours in COLOURS.items())} }}"
        for ground, selector in enumerate((light, dark))
    ]
    return "\n".join([*grounds, *(f"{of.format(family)} {{ --family: var(--{family}); }}" for family in COLOURS)])
