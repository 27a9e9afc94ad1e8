"""Data sets and photographs of the course.

Photographs need no torch, so everything else is loaded when first used.
"""

from coursekit.data.photographs import PHOTOGRAPHS, photograph

__all__ = ["PHOTOGRAPHS", "photograph"]
