"""Check digits: what tells a card or an identity number from any other. In: characters. Out: whether they agree."""

from collections.abc import Callable, Sequence
from itertools import pairwise

Check = Callable[[str], bool]


def digits(text: str) -> list[int]:
    """The digits of a text, in order."""
    return [int(each) for each in text if each.isdecimal()]


def varied(text: str) -> bool:
    """Whether it has more than one digit: a row of zeros passes most sums and is nobody."""
    return len(set(digits(text))) > 1


def weighted(numbers: Sequence[int], weights: Sequence[int]) -> int:
    """The sum of the products."""
    return sum(number * weight for number, weight in zip(numbers, weights, strict=False))


def luhn(text: str) -> bool:
    """Payment cards, Swedish personal numbers, Canadian social insurance numbers.

    >>> luhn("4111 1111 1111 1111"), luhn("4111 1111 1111 1112")
    (True, False)
    """
    doubled = [number * 2 - 9 * (number > 4) for number in digits(text)[-2::-2]]
    return varied(text) and (sum(doubled) + sum(digits(text)[-1::-2])) % 10 == 0


def iban(text: str) -> bool:
    """International bank account numbers: the rest by 97 is 1.

    >>> iban("DE89 3704 0044 0532 0130 00"), iban("DE88370400440532013000")
    (True, False)
    """
    packed = text.replace(" ", "").upper()
    return int("".join(str(int(each, 36)) for each in packed[4:] + packed[:4])) % 97 == 1


def social_security(text: str) -> bool:
    """The United States' number has no sum, but parts that are never given.

    >>> social_security("219-09-9998"), social_security("900-12-3456")
    (True, False)
    """
    area, group, serial = text[:3], text[4:6], text[7:]
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


def nir(text: str) -> bool:
    """France: 97 less the rest by 97; Corsica's letters stand for numbers.

    >>> nir("2 55 08 14 168 025 38"), nir("2 55 08 14 168 025 39")
    (True, False)
    """
    packed = text.replace(" ", "").upper()
    number = int(packed[:-2].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(packed[-2:])


def dni(text: str) -> bool:
    """Spain: the letter is the rest by 23.

    >>> dni("12345678Z"), dni("12345678A")
    (True, False)
    """
    packed = text.replace("-", "").upper()
    number = packed[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == packed[-1]


def codice_fiscale(text: str) -> bool:
    """Italy: characters at odd places count by a table, the others by their order.

    >>> codice_fiscale("RSSMRA85T10A562S"), codice_fiscale("RSSMRA85T10A562T")
    (True, False)
    """
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    places = [int(each) if each.isdecimal() else ord(each) - ord("A") for each in text.upper()]
    total = sum(odd[place] for place in places[:15:2]) + sum(places[1:15:2])
    return total % 26 == places[15]


def steuer_id(text: str) -> bool:
    """Germany: ISO 7064, mod 11, 10; among the first ten digits one comes two or three times.

    >>> steuer_id("86 095 742 719"), steuer_id("86 095 742 718")
    (True, False)
    """
    numbers = digits(text)
    most = max(numbers[:10].count(each) for each in numbers[:10])
    product = 10
    for number in numbers[:10]:
        product = ((number + product) % 10 or 10) * 2 % 11
    return most in (2, 3) and (11 - product) % 10 == numbers[10]


def bsn(text: str) -> bool:
    """The Netherlands: the test of eleven.

    >>> bsn("111222333"), bsn("111222334")
    (True, False)
    """
    return varied(text) and weighted(digits(text), (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def pesel(text: str) -> bool:
    """Poland, with a date that exists.

    >>> pesel("44051401359"), pesel("44051401358")
    (True, False)
    """
    numbers = digits(text)
    month, day = int(text[2:4]) % 20, int(text[4:6])
    return 1 <= month <= 12 and 1 <= day <= 31 and weighted(numbers, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def cpf(text: str) -> bool:
    """Brazil: two check digits, each by 11.

    >>> cpf("111.444.777-35"), cpf("111.444.777-36")
    (True, False)
    """
    numbers = digits(text)
    first = weighted(numbers[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(numbers[:10], range(11, 1, -1)) * 10 % 11 % 10
    return varied(text) and numbers[9:] == [first, second]


def aadhaar(text: str) -> bool:
    """India: Verhoeff's sum over the dihedral group of ten.

    >>> aadhaar("2341 2341 2346"), aadhaar("2341 2341 2347")
    (True, False)
    """
    total = 0
    for place, number in enumerate(reversed(digits(text))):
        total = dihedral(total, turned(number, place))
    return varied(text) and total == 0


def dihedral(left: int, right: int) -> int:
    """The product in the group of a pentagon's turns (0 to 4) and flips (5 to 9)."""
    if left < 5:
        return (left + right) % 5 if right < 5 else (left + right - 5) % 5 + 5
    return (left - 5 - right) % 5 + 5 if right < 5 else (left - right) % 5


def turned(number: int, times: int) -> int:
    """Verhoeff's permutation, so many times."""
    for _ in range(times % 8):
        number = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[number]
    return number


def rising(text: str) -> bool:
    """Whether each digit follows the one before, as in 123456789: an example, nobody's number."""
    return all(after - before == 1 for before, after in pairwise(digits(text)))
