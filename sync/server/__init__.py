"""The team's server: it orders what the devices of a team send, merges it, and gives it to all who may see it."""
