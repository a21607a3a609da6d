"""The pictures beside the notebooks are the ones that the course draws itself."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageStat

from tests.notebooks import pictures


def test_the_cake_is_what_its_code_draws() -> None:
    """Compared in the eye's way: another version of the JPEG library may write other bytes."""
    with Image.open(pictures.CAKE) as stored:
        assert (stored.format, stored.mode, stored.size) == ("JPEG", "RGB", pictures.SIZE)
        different = ImageStat.Stat(ImageChops.difference(stored, pictures.cake())).mean
    assert max(different) < 3, different  # of 255, on average over all pixels
    assert pictures.CAKE.stat().st_size < 100_000
