"""Pictures reach the browser as they are: pixel for pixel, point for point."""

import base64
import io

import numpy as np
import torch
from PIL import Image

from genmodels.views import tiles


def read(url: str) -> np.ndarray:
    head, _, body = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body))))


def test_every_picture_lies_in_its_own_cell_unchanged() -> None:
    images = torch.randint(0, 256, (11, 1, 4, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    sheet = read(tiles.images_url(images))
    assert sheet.shape == (2 * 4, 8 * 6)
    for k, image in enumerate(images):
        row, column = divmod(k, 8)
        assert np.array_equal(sheet[row * 4 : row * 4 + 4, column * 6 : column * 6 + 6], image[0].numpy())


def test_colours_keep_their_order() -> None:
    red = torch.zeros(1, 3, 2, 2)
    red[:, 0] = 1
    assert read(tiles.images_url(red))[0, 0].tolist() == [255, 0, 0]


def test_numbers_outside_zero_and_one_are_held_at_the_ends() -> None:
    sheet = read(tiles.images_url(torch.tensor([-1.0, 0.5, 2.0]).reshape(3, 1, 1, 1)))
    assert sheet[0, :3].tolist() == [0, 128, 255]


def test_points_come_back_within_a_sixty_thousandth_of_the_box() -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 4.0], [0.25, 1.0], [9.0, -9.0]])
    text = tiles.points_text(points, torch.tensor([0.0, 0.0]), torch.tensor([1.0, 4.0]))
    back = np.frombuffer(base64.b64decode(text), "<u2").reshape(-1, 2) / 65535 * [1, 4]
    assert np.allclose(back, [[0, 0], [1, 4], [0.25, 1], [1, 0]], atol=1e-4)
