"""A list whose items are made as far as somebody asks."""

from collections.abc import Iterator

from cds_service.kept import KeptItems


def counted(made: list[int]) -> Iterator[int]:
    for number in range(5):
        made.append(number)
        yield number


def test_only_what_is_asked_for_is_made_and_each_once():
    made: list[int] = []
    items = KeptItems(counted(made))
    assert items
    assert (items[0], next(iter(items)), items[:2], made) == (0, 0, [0, 1], [0, 1, 2])
    assert next(item for item in items if item > 2) == 3
    assert made == [0, 1, 2, 3]
    assert (len(items), items[-1], list(items), made) == (5, 4, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4])


def test_it_is_equal_to_a_list_of_the_same():
    assert KeptItems(iter((1, 2))) == [1, 2]
    assert KeptItems(iter(())) == ()
    assert KeptItems(iter((1,))) != [2]
    assert not KeptItems(iter(()))
    assert repr(KeptItems(iter("a"))) == "['a']"
