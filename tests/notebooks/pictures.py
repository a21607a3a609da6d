"""For authors: draw the pictures that notebooks use.

    .venv/bin/python tests/notebooks/pictures.py

They are drawn, so that they belong to the course and to nobody else. The same code always draws
the same picture.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.notebooks.stored import ROOT

SIZE = (1200, 800)
FINE = 2  #: drawn so many times larger, then reduced, which smooths the edges
CAKE = ROOT / "notebooks" / "data" / "cake.jpg"

Colour = tuple[int, int, int]
WALL_ABOVE, WALL_BELOW = (250, 214, 165), (243, 166, 131)
TABLE, PLATE, SPONGE, CREAM, ICING = (
    (120, 72, 50),
    (245, 245, 240),
    (196, 132, 80),
    (255, 246, 226),
    (214, 69, 108),
)
SPRINKLES = [(255, 209, 102), (6, 214, 160), (17, 138, 178), (255, 255, 255)]


def cake() -> Image.Image:
    """A birthday cake with two tiers and five candles, on a table before a warm wall."""
    picture = _wall()
    pen = ImageDraw.Draw(picture)
    _confetti(pen)
    _box(pen, 0, 640, 1200, 800, TABLE)
    _oval(pen, 250, 610, 950, 700, PLATE)
    _tier(pen, 320, 430, 880, 655)
    _tier(pen, 430, 270, 770, 450)
    for x in (470, 535, 600, 665, 730):
        _candle(pen, x, 290)
    picture = _glow(picture)
    return picture.resize(SIZE, Image.Resampling.LANCZOS)


def _scaled(*numbers: float) -> list[float]:
    return [number * FINE for number in numbers]


def _box(pen: ImageDraw.ImageDraw, x: float, y: float, x2: float, y2: float, fill: Colour) -> None:
    pen.rectangle(_scaled(x, y, x2, y2), fill=fill)


def _oval(pen: ImageDraw.ImageDraw, x: float, y: float, x2: float, y2: float, fill: Colour) -> None:
    pen.ellipse(_scaled(x, y, x2, y2), fill=fill)


def _wall() -> Image.Image:
    """From light above to darker below."""
    width, height = SIZE[0] * FINE, SIZE[1] * FINE
    column = Image.new("RGB", (1, height))
    for y in range(height):
        part = y / height
        column.putpixel(
            (0, y),
            tuple(round(a + (b - a) * part) for a, b in zip(WALL_ABOVE, WALL_BELOW, strict=True)),
        )
    return column.resize((width, height))


def _confetti(pen: ImageDraw.ImageDraw) -> None:
    chance = random.Random(17)
    for _ in range(90):
        x, y, wide = chance.uniform(0, 1200), chance.uniform(0, 560), chance.uniform(5, 12)
        _oval(pen, x, y, x + wide, y + wide, chance.choice(SPRINKLES))


def _tier(pen: ImageDraw.ImageDraw, x: float, y: float, x2: float, y2: float) -> None:
    """A round tier, seen a little from above: sponge, a line of cream, icing that runs down."""
    lift = (x2 - x) * 0.06
    _oval(pen, x, y2 - 2 * lift, x2, y2, SPONGE)
    _box(pen, x, y, x2, y2 - lift, SPONGE)
    middle = (y + y2) / 2
    _box(pen, x, middle + 6, x2, middle + 24, CREAM)
    _oval(pen, x, y - lift, x2, y + lift, ICING)
    chance = random.Random(int(x))
    drops = 9
    wide = (x2 - x) / drops
    for n in range(drops):
        left = x + n * wide
        pen.rounded_rectangle(
            _scaled(left, y, left + wide, y + lift + chance.uniform(12, 46)),
            radius=wide * FINE / 2,
            fill=ICING,
        )
    for _ in range(60):
        sx, sy = chance.uniform(x + 40, x2 - 40), y + chance.uniform(-lift * 0.6, lift * 0.5)
        pen.line(
            _scaled(sx, sy, sx + chance.uniform(-9, 9), sy + chance.uniform(-4, 4)),
            fill=chance.choice(SPRINKLES),
            width=4 * FINE,
        )


def _candle(pen: ImageDraw.ImageDraw, x: float, foot: float) -> None:
    _box(pen, x - 8, foot - 100, x + 8, foot - 18, (255, 255, 255))
    for stripe in range(4):
        y = foot - 96 + stripe * 21
        pen.polygon(
            _scaled(x - 8, y + 9, x + 8, y, x + 8, y + 7, x - 8, y + 16), fill=(17, 138, 178)
        )
    pen.line(_scaled(x, foot - 112, x, foot - 100), fill=(60, 40, 30), width=3 * FINE)
    _oval(pen, x - 11, foot - 146, x + 11, foot - 108, (255, 159, 28))
    _oval(pen, x - 6, foot - 134, x + 6, foot - 110, (255, 240, 170))


def _glow(picture: Image.Image) -> Image.Image:
    """The candles' light on what is around them."""
    light = Image.new("L", picture.size, 0)
    ImageDraw.Draw(light).ellipse(_scaled(380, 60, 820, 300), fill=110)
    light = light.filter(ImageFilter.GaussianBlur(60 * FINE))
    return Image.composite(Image.new("RGB", picture.size, (255, 240, 190)), picture, light)


def main() -> None:
    CAKE.parent.mkdir(exist_ok=True)
    cake().save(CAKE, "JPEG", quality=82, optimize=True)
    print(f"{CAKE.relative_to(ROOT)}: {CAKE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
