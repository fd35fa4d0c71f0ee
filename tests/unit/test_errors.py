import inspect
import re

from bailiff_bot import errors


def drawn_parents() -> dict[str, str]:
    """Return the parent of each error but the first, from the tree in the module's docstring."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^ {4}([ │├└─]*)([A-Z]\w+)( {2,}.*)?$", line):
            depth, name = len(found[1]), found[2]
            above = [(other, parent) for other, parent in above if other < depth]
            if above:
                parents[name] = above[-1][1]
            above.append((depth, name))
    return parents


def declared_parents() -> dict[str, str]:
    """Return the parent of each class of the module but the first."""
    return {
        name: str(found.__base__ and found.__base__.__name__)
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if found.__module__ == errors.__name__ and found is not errors.BailiffError
    }


def test_the_tree_in_the_docstring_is_that_of_the_classes() -> None:
    assert drawn_parents() == declared_parents() != {}


def test_all_errors_have_one_base_class() -> None:
    assert errors.BailiffError.__bases__ == (Exception,)
    assert all(found.__doc__ for _, found in inspect.getmembers(errors, inspect.isclass))


def test_a_refusal_carries_the_code_that_slack_gave() -> None:
    assert errors.Refused("Slack said no", "not_in_channel").code == "not_in_channel"
    assert str(errors.Refused("Slack said no", "not_in_channel")) == "Slack said no"
