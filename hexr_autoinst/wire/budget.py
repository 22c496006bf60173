"""One bound over all that the room holds at once."""


class Budget:
    """Bytes held by all bodies together."""

    def __init__(self, most: int) -> None:
        """`most`: beyond it the oldest bodies are cut."""
        self.most = most
        self.used = 0

    @property
    def exceeded(self) -> bool:
        """Whether something has to go."""
        return self.used > self.most
