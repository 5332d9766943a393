import torch
from sklearn.datasets import load_digits

from genmodels import datasets

ARRAYS = datasets.source("digits").load()


def test_there_are_1437_to_train_on_and_360_held_out_of_every_class_in_proportion():
    assert (len(ARRAYS.train), len(ARRAYS.test)) == (1437, 360)
    of_each = ARRAYS.train_labels.bincount() + ARRAYS.test_labels.bincount()
    assert of_each.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as published
    assert (ARRAYS.test_labels.bincount() - of_each * 360 / 1797).abs().max() < 1


def test_train_and_test_together_are_scikit_learns_digits_with_their_labels():
    pixels, labels = load_digits(return_X_y=True)
    original = sorted((image.tolist(), int(label)) for image, label in zip(pixels, labels, strict=True))
    images = torch.cat([ARRAYS.train, ARRAYS.test]).flatten(1) * 16
    ours = sorted(zip(images.tolist(), torch.cat([ARRAYS.train_labels, ARRAYS.test_labels]).tolist(), strict=True))
    assert ours == original


def test_an_image_stands_upright():
    """A one has more ink in its middle columns than in its middle rows; a transposed image would be the other way round."""
    ones = ARRAYS.train[ARRAYS.train_labels == 1].mean(0)[0]
    assert ones[:, 3:5].sum() > 1.2 * ones[3:5].sum()
