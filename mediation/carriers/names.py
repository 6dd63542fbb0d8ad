"""Carriers go by many codes: those of one carrier are one name here."""

NAMES = {
    "sf": ("shunfeng", "sf-express", "sfexpress"),
    "yto": ("yuantong",),
    "zto": ("zhongtong",),
    "sto": ("shentong",),
    "yd": ("yunda", "yundaex"),
    "best": ("htky", "huitongkuaidi", "baishi"),
    "jt": ("jtexpress", "jtsd"),
    "jd": ("jdl", "jdwl"),
    "ems": ("emsguoji", "chinapost", "youzhengguonei", "yzpy"),
    "deppon": ("dbl", "debangkuaidi", "debangwuliu"),
}
ALIASES = {alias: name for name, aliases in NAMES.items() for alias in aliases}


def same(one: str, other: str) -> bool:
    """Say whether two codes name the same carrier."""
    return _name(one) == _name(other)


def _name(code):
    return ALIASES.get(code.lower(), code.lower())
