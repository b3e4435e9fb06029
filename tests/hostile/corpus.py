"""The hostile corpus: every text that is tried in every place which a sender controls.

Each part belongs to a threat; blow-ups (`blowups.BLOWUPS`) are whole messages and are measured by themselves.
"""

from __future__ import annotations

from typing import Final

from tests.hostile.case import Case
from tests.hostile.forgeries import FORGERIES
from tests.hostile.formulas import FORMULAS
from tests.hostile.paths import PATHS
from tests.hostile.scripts import SCRIPTS

CORPUS: Final[tuple[Case, ...]] = (*SCRIPTS, *FORGERIES, *PATHS, *FORMULAS)
