"""What a spreadsheet would run instead of show: a cell that begins like a formula."""

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""OWASP's list for CSV injection; the wide ones are typed, and understood, by Chinese and Japanese spreadsheets."""


def looks_like_formula(cell: str) -> bool:
    return cell.startswith(FORMULA_STARTS)


def harmless(cell: str) -> str:
    """For CSV, which knows no types: an apostrophe makes it text."""
    return f"'{cell}" if looks_like_formula(cell) else cell
