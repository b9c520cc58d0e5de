"""Makes browser files smaller without a build step: when the server starts, and so that nobody notices.

Only what cannot change what a file means is left out: comments, blanks, the length of private names.
Minifiers that also rewrite statements save a tenth more; the one that was tried moved a declaration before
another that it needs. rjsmin does not know a template inside of a template: our scripts have none, and a
test sees to that.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import chain, product
from string import ascii_letters

import rcssmin
import rjsmin

_PRIVATE_NAME = re.compile(r"#([a-z]\w*)\b")


def shrink(text: str, suffix: str) -> str:
    """Return `text`, a file of the kind `suffix` (".js", ".css", ".json"), smaller; others as they are."""
    if suffix == ".js":
        return str(rjsmin.jsmin(text))
    if suffix == ".css":
        return str(rcssmin.cssmin(text))
    if suffix == ".json":
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return text


def shorten_private_names(script: str) -> str:
    """Give every `#name` of `script` a name of a letter or two, the same one everywhere.

    Private names are invisible outside of their class (ECMAScript, 15.7), so nothing else can depend on them.
    Only for scripts that write `#` for nothing else, as the widget's do; a test sees to that.
    """
    counted = Counter(_PRIVATE_NAME.findall(script))
    letters = chain(ascii_letters, map("".join, product(ascii_letters, repeat=2)))
    short = dict(zip((name for name, _ in counted.most_common()), letters, strict=False))
    return _PRIVATE_NAME.sub(lambda found: f"#{short[found[1]]}", script)
