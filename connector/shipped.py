"""The mappings and the scorecard that come with the program."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def shipped(name: str) -> str:
    """The text of a shipped file, such as `hubspot.yaml` or `scorecard.yaml`.

    An installed package has them among its templates; a checkout has them in `mappings/`, where people edit them.
    """
    packaged = files("connector").joinpath("templates", "mappings", name)
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[1] / "mappings" / name).read_text("utf-8")
