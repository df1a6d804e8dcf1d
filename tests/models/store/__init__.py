"""Tests of the store: what it promises, whatever fails and whenever."""
