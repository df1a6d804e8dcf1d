"""Tests of sync: the merge, the wire, the client's cycle, the server."""
