"""Random words that occur nowhere by chance: a seed goes in, words and small files come out.

The same seed gives the same words, so that a failure can be repeated.
"""

from __future__ import annotations

import io
import random
import string
from typing import Final

from PIL import Image

_LETTERS: Final = 12
"""26 to the power of 12: no word occurs twice, nor in a digest or a font."""


class Dice:
    """Where all that is random in one garden comes from."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def word(self) -> str:
        """Return a word of small letters, which every spelling of a file leaves as they are."""
        return "".join(self._random.choices(string.ascii_lowercase, k=_LETTERS))

    def picture(self) -> bytes:
        """Return a picture of noise, 16 by 16 pixels, as no other."""
        image = Image.frombytes("RGB", (16, 16), self._random.randbytes(16 * 16 * 3))
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()
