"""The reference of the operations is what the code makes of it."""

import pytest
from tools.reference import DIRECTORY, page

from jobfleet.api.surface import Surface


@pytest.mark.parametrize("surface", list(Surface))
def test_the_page_of_a_surface_is_up_to_date(surface: Surface) -> None:
    """After a change of an operation: `make reference`."""
    assert (DIRECTORY / f"{surface.value}.md").read_text(encoding="utf-8") == page(surface)


def test_there_is_no_page_of_a_surface_that_is_gone() -> None:
    assert {path.stem for path in DIRECTORY.iterdir()} == {surface.value for surface in Surface}
