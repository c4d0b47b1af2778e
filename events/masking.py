"""Personal data masked (field rules, section 10): name 张*, phone 138****1234, identity number 330104********123X.

``mask_numbers`` finds phones and identity numbers inside of free text. Numbers with blanks or hyphens between
their groups are found too; a local number without its area code is not, because it looks like a day or an amount.
Who may see the whole is decided where it is shown.
"""

import re

IDENTITY = re.compile(r"(?<!\d)(\d{6})[ -]?(\d{8}|\d{5})[ -]?(\d{3}[\dXx])(?![\dXx])")
"""18 characters, or 15 as before 1999; an event's number has 19."""
MOBILE = re.compile(r"(?<!\d)((?:\+?[8８][6６][ -]?)?[1１]\d\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
LANDLINE = re.compile(r"(?<!\d)(\(?[0０]\d{2,3}\)?[ -]?)\d{3,4}(\d{4})(?!\d)")
BUILDING = re.compile(r".*?\d+\s*(?:幢|栋|座|号楼)|.*?\d+\s*号|\D*")
"""As far as the building; where none is named, as far as the first digit."""


def mask_name(name: str) -> str:
    return f"{name[0]}*" if name else ""


def mask_phone(phone: str) -> str:
    """A short one shows its end only."""
    if len(phone) < 11:
        return f"****{phone[-4:]}" if len(phone) > 4 else "****" if phone else ""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_numbers(text: str) -> str:
    """The text with every phone and identity number in it masked."""
    text = IDENTITY.sub(lambda found: f"{found[1]}{'*' * len(found[2])}{found[3]}", text)
    return LANDLINE.sub(r"\1****\2", MOBILE.sub(r"\1****\2", text))


def mask_address(address: str) -> str:
    """For the public: nothing beyond the building."""
    building = BUILDING.match(address)
    return building[0].rstrip() if building else ""


def numbers_in(text: str) -> set[str]:
    """Every phone and identity number of the text as plain digits: 13812341234, 057112345678, 33010419900101123X."""
    found: set[str] = set()

    def taken(match: re.Match[str]) -> str:
        digits = "".join(str(int(sign)) if sign.isdecimal() else "X" * (sign in "xX") for sign in match[0])
        found.add(digits[-11:] if match.re is MOBILE else digits)
        return " "

    LANDLINE.sub(taken, MOBILE.sub(taken, IDENTITY.sub(taken, text)))
    return found


def without_numbers(text: str) -> str:
    """The text with nothing of a phone or identity number left, not even what masking shows of it."""
    return LANDLINE.sub(" \n ", MOBILE.sub(" \n ", IDENTITY.sub(" \n ", text)))
