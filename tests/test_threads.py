import pytest
import torch

from glyphlab.threads import side_by_side


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(side_by_side(lambda number: number**2, range(50))) == [n**2 for n in range(50)]


def test_each_item_has_one_thread_and_the_number_is_restored() -> None:
    before = torch.get_num_threads()
    assert set(side_by_side(lambda _: torch.get_num_threads(), range(8))) == {1}
    assert torch.get_num_threads() == before


def test_an_error_is_passed_on_and_the_number_of_threads_restored() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda number: 1 // number, [1, 0, 1]))
    assert torch.get_num_threads() == before
