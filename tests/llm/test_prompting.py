"""Prompts are files with a version, filled in strictly."""

from pathlib import Path

import pytest

from bot.prompting import PROMPTS, PromptError, load_prompt

GOOD = "---\nversion: 3\n---\n# system\n你好{{name}}\n# user\n问：{{question}}\n"


def _file(folder: Path, text: str) -> None:
    (folder / "greet.md").write_text(text, encoding="utf-8")


def test_a_prompt_is_filled_in_and_has_a_version(tmp_path: Path) -> None:
    _file(tmp_path, GOOD)
    prompt = load_prompt("greet", tmp_path).render(name="小王", question="几点")
    assert (prompt.system, prompt.user, prompt.label) == ("你好小王", "问：几点", "greet/3")


@pytest.mark.parametrize("values", [{"name": "a"}, {"name": "a", "question": "b", "more": "c"}])
def test_a_missing_or_unknown_variable_is_an_error(tmp_path: Path, values: dict[str, str]) -> None:
    _file(tmp_path, GOOD)
    with pytest.raises(PromptError, match=r"question|more"):
        load_prompt("greet", tmp_path).render(**values)


def test_a_value_is_data_even_when_it_looks_like_a_variable(tmp_path: Path) -> None:
    _file(tmp_path, GOOD)
    prompt = load_prompt("greet", tmp_path).render(name="{{question}}", question="\\1")
    assert prompt.system == "你好{{question}}"
    assert prompt.user == "问：\\1"


@pytest.mark.parametrize(
    "text",
    [
        "# system\na\n# user\nb",
        "---\nversion:\n---\n# system\na\n# user\nb",
        "---\nversion: 1\n---\nabc",
    ],
)
def test_a_file_of_another_form_is_an_error(tmp_path: Path, text: str) -> None:
    _file(tmp_path, text)
    with pytest.raises(PromptError, match="greet"):
        load_prompt("greet", tmp_path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="no such prompt"):
        load_prompt("nowhere", tmp_path)


@pytest.mark.parametrize("path", sorted(PROMPTS.glob("*.md")), ids=lambda path: path.stem)
def test_every_prompt_of_ours_can_be_read(path: Path) -> None:
    assert load_prompt(path.stem).version
