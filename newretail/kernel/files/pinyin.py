"""Names in pinyin, for sorting and searching; surnames are read as surnames."""

from functools import lru_cache

# Characters read otherwise when they are a surname.
SURNAMES = {
    "曾": "zeng", "仇": "qiu", "单": "shan", "解": "xie", "区": "ou", "查": "zha", "朴": "piao",
    "翟": "zhai", "盖": "ge", "乐": "yue", "任": "ren", "尹": "yin", "缪": "miao", "纪": "ji",
    "华": "hua", "葛": "ge", "燕": "yan", "应": "ying", "宁": "ning", "冼": "xian", "员": "yun",
    "秘": "bi", "召": "shao", "洗": "xian", "折": "she", "覃": "qin", "种": "chong", "重": "chong",
    "尉迟": "yu chi", "长孙": "zhang sun", "万俟": "mo qi", "单于": "chan yu", "澹台": "tan tai",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def _given(text: str) -> str:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionaries take a while: only files with names read them

    return " ".join(lazy_pinyin(text)).lower()


@lru_cache(maxsize=200_000)
def key(name: str) -> str:
    """Write a name in pinyin, syllables apart, for sorting and prefix search: 曾小美 → "zeng xiao mei"."""
    for length in (2, 1):
        if len(name) > length and name[:length] in SURNAMES:
            return f"{SURNAMES[name[:length]]} {_given(name[length:])}"[:200]
    return _given(name)[:200]
