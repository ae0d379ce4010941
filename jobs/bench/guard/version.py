"""Which guard judged: a hash over what it is made of."""

import hashlib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_CODE = ("guard*.py", "guard_model/*.py", "answer_*.py", "disguises.py", "patterns.py", "text.py")
_TEACHING = "training"


def guard_version() -> str:
    """Twelve digits that change with the guard's rules, its trained parts and its code; what it was taught with and
    the forbidden topics of a salon have no part in them."""
    assets = _ROOT / "assets" / "guard"
    files = [
        path
        for path in assets.rglob("*")
        if path.is_file() and _TEACHING not in path.relative_to(assets).parts
    ]
    files += [path for pattern in _CODE for path in (_ROOT / "chains").glob(pattern)]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(_ROOT).as_posix()).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
