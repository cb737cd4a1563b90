"""How do training frameworks write the stream log themselves? One module a framework, which it imports when used.

`avalanche.StreamLog` is a plugin for Avalanche's strategies, `transformers.stream_log` makes a callback for the
Trainer of Hugging Face Transformers. Nothing here depends on either.
"""
