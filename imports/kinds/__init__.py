"""The kinds of lists that can be loaded, in the order a new district loads them."""

from imports.difference import KindOfList
from imports.kinds.categories import Categories
from imports.kinds.departments import Departments
from imports.kinds.items import Items
from imports.kinds.organizations import Organizations
from imports.kinds.people import People
from imports.kinds.places import Places
from imports.kinds.rules import Rules

KINDS: dict[str, KindOfList] = {
    kind.code: kind
    for kind in (Departments(), Organizations(), People(), Categories(), Items(), Rules(), Places())
}
