"""What a password must be."""

from core.domain.errors import Invalid

SHORTEST, LONGEST = 10, 200
# What is tried first, in the length that is taken; digits, repetitions and runs are found by rule.
COMMON = frozenset(
    [
        "password12",
        "password123",
        "password1234",
        "passwordpassword",
        "qwertyuiop",
        "qwerty12345",
        "letmeinletmein",
        "iloveyou123",
        "adminadmin",
        "administrator",
        "welcome123",
        "welcome1234",
        "changeme123",
        "changemenow",
        "football123",
        "princess123",
        "sunshine123",
        "superman123",
        "baseball123",
        "trustno1trustno1",
        "monkey12345",
        "dragon12345",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "q1w2e3r4t5",
        "zaq12wsxcde",
        "abcd123456",
        "abc1234567",
        "a123456789",
        "secret12345",
        "passw0rd123",
        "p@ssw0rd123",
        "p@ssword123",
    ]
)
RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


class PasswordRefused(Invalid):
    title = "The password is not accepted"


def check_password(password: str) -> None:
    """Raises PasswordRefused."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"It has {SHORTEST} to {LONGEST} characters.", fix="Choose another one.")
    plain = password.lower()
    run = any(plain in each or plain in each[::-1] for each in RUNS)
    if plain in COMMON or run or len(set(plain)) < 4:
        raise PasswordRefused("It is among those that are tried first.", fix="Choose another one.")
