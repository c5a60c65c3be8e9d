"""How many messages are lost or processed twice when a broker fails, why, and which setting closes it."""

from brokersim._core import __version__

__all__ = ["__version__"]
