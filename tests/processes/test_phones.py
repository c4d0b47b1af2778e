"""Twenty phones come back at once with five reports each, over a network that breaks; make soak has two hundred."""

import random

from tests.processes.phones import Phone, all_come_back, check, queues, told
from tests.processes.product import all_routed, wait_for


def test_phones_that_come_back_lose_nothing_and_double_nothing(product, media):
    web = product.web()
    product.worker()
    phones = []
    for person, queue in queues(20, 5, photo_bytes=90_000).items():
        cookies = web.enter(person.username).cookies
        phone = Phone(web.address, person.username, queue, random.Random(person.pk), 0.1, dict(cookies))
        phone.person = str(person.pk)
        phones.append(phone)

    seconds = all_come_back(phones)

    wait_for(all_routed, "the last desks")
    check(phones)
    print(told(phones, seconds))
    assert sum(phone.told["networks lost"] for phone in phones) > 10
