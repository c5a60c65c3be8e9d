"""
The compiled core of brokersim; use the names that the package itself offers.
"""
from __future__ import annotations
__all__: list[str] = list()
__version__: str = '0.1.0'
