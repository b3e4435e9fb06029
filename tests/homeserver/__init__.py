"""A real homeserver for the tests: Synapse on loopback, seeded with a community and with hard cases.

`synapse` runs the process, `client` speaks to it, `rewrite` turns invented identifiers into the server's,
`seed` replays a community, `hard_cases` says what a hostile or unlucky server holds, `fixtures` hands all of
it to pytest, and `python -m tests.homeserver` (`make homeserver`) hands it to a person.
"""
