"""The stores' conformance suite: clauses about inputs, which come back as the values they were."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

from decimal import Decimal

from connector.model import Value
from connector.testing.shelf import T0, Shelf, StoreWorld, lead, ref

A = ref("1")


class InputsContract:
    """Values and their types survive, whatever they are."""

    def test_texts_come_back_whatever_is_in_them(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        odd = ["", " ", "a\0", "\0", "\ud83d", "\x1b[1m", '\x1b"', "two\nlines", '"', "[]", "null", "\\u0000", "部長"]
        shelf.keep(*(lead(ref(str(n)), title=text, tags=frozenset({text})) for n, text in enumerate(odd)))
        told = {int(d.lead.ref.id): (d.lead.inputs["title"], d.lead.inputs["tags"]) for d in shelf.due()}
        assert told == {n: (text, frozenset({text})) for n, text in enumerate(odd)}

    def test_an_input_may_become_another_type_of_thing(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        values: list[Value] = ["many", Decimal(5), True, T0, frozenset({"five"}), Decimal("5.0"), False, "true"]
        for value in values:
            shelf.keep(lead(A, size=value, same="x"))
            [dossier] = shelf.due()
            told = dossier.lead.inputs
            assert (type(told["size"]), told) == (type(value), {"size": value, "same": "x"})
            shelf.score()
            shelf.next_pass()
        shelf.keep(lead(A, same="x"))
        assert shelf.one(A).lead.inputs == {"same": "x"}
