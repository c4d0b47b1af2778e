"""What is masked, and what only looks like it (field rules, section 10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.masking import mask_address, mask_name, mask_numbers, mask_phone


@pytest.mark.parametrize(("name", "shown"), [("张三丰", "张*"), ("张三", "张*"), ("Li Lei", "L*"), ("", "")])
def test_of_a_name_the_first_character_is_left(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("0571-86981234", "057****1234"),
        ("86981234", "****1234"),
        ("8698", "****"),
        ("", ""),
    ],
)
def test_of_a_phone_the_ends_are_left(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("找张先生 13812345678。", "找张先生 138****5678。"),
        ("电话13812345678，13987654321", "电话138****5678，139****4321"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("0571-86981234", "0571-****1234"),
        ("(0571)86981234", "(0571)****1234"),
        ("05718698123", "0571****8123"),
        ("身份证33010419900101123X", "身份证330104********123X"),
        ("330104199001011234", "330104********1234"),
        ("330104 19900101 123x", "330104********123x"),
        ("330104900101123", "330104*****1123"),
    ],
)
def test_numbers_of_persons_are_found_in_free_text(text, shown):
    assert mask_numbers(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "3301042019030400001",  # an event's number
        "12 boxes, 8 metres, 3.5 t",
        "2019-03-04 09:30",
        "120.177123, 30.271456",
        "12345, 110, 119",
        "浙A12345",
        "5幢2单元501",
        "20190304",
        "1381234567",  # a digit short of a phone
        "138123456789",  # a digit too many
    ],
)
def test_other_numbers_stay(text):
    assert mask_numbers(text) == text


@given(st.text(), st.from_regex(r"1[0-9]{10}", fullmatch=True), st.text())
def test_a_phone_is_found_wherever_it_stands(before, phone, after):
    before, after = before.rstrip("+0123456789 -"), after.lstrip("0123456789")
    if before[-1:].isdecimal() or after[:1].isdecimal():
        return
    assert phone not in mask_numbers(f"{before}{phone}{after}")


@given(st.text(alphabet="0123456789Xx -+（）张a"))
def test_what_is_masked_stays_as_it_is(text):
    masked = mask_numbers(text)
    assert mask_numbers(masked) == masked


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("景昙路1号3幢2单元501室", "景昙路1号3幢"),
        ("濮家新村12幢301", "濮家新村12幢"),
        ("凯旋路58号501室", "凯旋路58号"),
        ("秋涛路12号院3号楼4单元", "秋涛路12号院3号楼"),
        ("濮家新村12-3-501", "濮家新村"),
        ("凯旋路与景芳路口", "凯旋路与景芳路口"),
        ("", ""),
    ],
)
def test_the_public_reads_an_address_as_far_as_the_building(address, shown):
    assert mask_address(address) == shown
