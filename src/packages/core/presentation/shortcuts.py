"""The keys that pages know, as the overlay on ? lists them."""

SHORTCUTS = (
    ("?", "this list"),
    ("/", "search"),
    ("j k", "next and previous row"),
    ("Enter", "open the row"),
    ("x", "choose the row"),
    ("1 2 3 4 0", "label: true, false positive, expected, bad data, unsure"),
    ("u", "undo the last label"),
    ("[ ]", "previous and next page or window"),
    ("Shift ↑ ↓", "threshold up and down; also . and ,"),
    ("c", "compare the chosen versions of a model"),
    ("C", "make the version champion"),
    ("t", "table of the focused chart"),
    ("← →", "points of the focused chart"),
    ("g o", "overview"),
    ("g d", "datasets"),
    ("g e", "detectors"),
    ("g r", "runs"),
    ("g m", "models"),
    ("g l", "labels"),
    ("g s", "settings"),
)
