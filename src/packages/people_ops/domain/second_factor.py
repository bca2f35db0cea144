"""What the second factor (a time-based code, RFC 6238) refuses."""

from core.domain.errors import Conflict, Forbidden, Invalid


class WrongCode(Invalid):
    title = "The code is wrong"

    def __init__(self) -> None:
        super().__init__("It is wrong, too old or was used already.", fix="Wait for the next code.")


class WrongPassword(Forbidden):
    title = "The password is wrong"

    def __init__(self) -> None:
        super().__init__("Changing the second factor needs your password.", fix="Send the current one.")


class SecondFactorInUse(Conflict):
    title = "A second factor is in use already"


class NoSecondFactor(Conflict):
    title = "There is no second factor to confirm or disable"
