"""How do the logs of other tools become a stream log? One module a format, found by name and imported when asked for.

`base` holds what an adapter is made of, `registry` finds adapters, `output` writes what they read.
"""
