"""Words are the same however people write them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from garden.site.search_words import find_words, split_words


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80))
def test_words_are_cut_alike_however_they_are_written(text: str) -> None:
    words = split_words(text)
    assert all(words)
    assert split_words(" ".join(words)) == words


def test_words_are_found_where_they_stand() -> None:
    text = "Die Gärten, 保存"
    assert [(text[start:end], word) for start, end, word in find_words(text)] == [
        ("Die", "die"),
        ("Gärten", "garten"),
        ("保", "保"),
        ("存", "存"),
    ]
