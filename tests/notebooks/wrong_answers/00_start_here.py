"""Answers as students write them; the slug above each is the mistake its check must name."""


# channels-forgotten
def count_numbers(height, width, channels=3):
    return height * width
