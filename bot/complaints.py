"""Says in Chinese what a validated file has wrong, one line a place; never the value itself."""

from pydantic_core import ErrorDetails

_MUST_BE_WHOLE = "要写整数"
_MUST_BE_NUMBER = "要写数字"
_MUST_BE_DATE = "要写日期，例如 2026-12-24"
_SAYINGS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请检查拼写",
    "int_type": _MUST_BE_WHOLE,
    "int_parsing": _MUST_BE_WHOLE,
    "int_from_float": _MUST_BE_WHOLE,
    "int_parsing_size": "这个数太大了",
    "float_type": _MUST_BE_NUMBER,
    "float_parsing": _MUST_BE_NUMBER,
    "finite_number": _MUST_BE_NUMBER,
    "string_type": "要写文字，加引号",
    "date_type": _MUST_BE_DATE,
    "date_parsing": _MUST_BE_DATE,
    "date_from_datetime_inexact": _MUST_BE_DATE,
    "date_from_datetime_parsing": _MUST_BE_DATE,
    "frozen_set_type": "要写成列表，例如 [ ]",
    "enum": "不认识这个名字，请检查拼写",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "too_long": "写得太多了，最多 {max_length} 个",
    "string_too_long": "太长了，最多 {max_length} 个字",
    "value_error": "{error}",
}


def complain(found: ErrorDetails) -> str:
    """Where it is and what to write there, e.g. 「par.high：不能大于 5」; where a whole section is
    wrong, only the sentence of its own check."""
    saying = _SAYINGS.get(found["type"], "写得不对").format(**found.get("ctx", {}))
    place = ".".join(str(part) for part in found["loc"] if part != "[key]")
    return f"{place}：{saying}" if place else saying
