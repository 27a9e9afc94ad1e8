"""Grading strangers' notebooks: their code runs in a sealed process, the marks are made outside."""
