"""The shipped lists (titles, functions, mail domains), read once, and what a mapping adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from connector.shipped import shipped
from connector.yamlread import Block, Node, Problems, Text, members, read_yaml


@cache
def shipped_list(name: str) -> Block:
    """A shipped file as its top block."""
    return read_yaml(shipped(name), name, Problems("LH-200"))


@cache
def shipped_print(name: str) -> str:
    """Changes when the shipped file does, so that what was read by it is read again."""
    return sha256(shipped(name).encode()).hexdigest()[:16]


def words(node: Node | None) -> list[str]:
    """The texts of a list."""
    return [one.text for one in members(node) if isinstance(one, Text)] if node else []


def grouped(node: Node | None) -> dict[str, str]:
    """`{level: [titles…]}` turned round: title -> level."""
    groups: Mapping[str, Node] = node.entries if isinstance(node, Block) else {}
    return {word: group for group, listed in groups.items() for word in words(listed)}
