"""Part of a file is what a player asks for; what cannot be read is answered with the whole."""

from __future__ import annotations

import pytest

from garden.site.byte_range import read_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-3", range(4)),
        ("bytes=2-", range(2, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-99", range(10)),
        ("bytes=8-99", range(8, 10)),
        (" bytes=9-9 ", range(9, 10)),
    ],
)
def test_one_part_is_read_as_rfc_9110_spells_it(header: str, part: range) -> None:
    assert read_range(header, 10) == part


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "bytes", "bytes=", "bytes=-", "bytes=3-2", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b"),
        *("bytes=٣-٤", "bytes=0-9999999999999999999", "bytes=-1-2"),
    ],
)
def test_what_is_no_single_part_is_the_whole(header: str | None) -> None:
    assert read_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_part_behind_the_end_is_empty(header: str) -> None:
    assert read_range(header, 10) == range(0)


def test_an_empty_file_has_no_parts() -> None:
    assert not read_range("bytes=0-", 0)
    assert not read_range("bytes=-5", 0)
