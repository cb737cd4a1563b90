"""What do the toolkit's intervals do where the truth is known? Streams with true values, and the calibration study.

Nothing but the command line and the tests imports this package; it writes stream folders like any pipeline.
"""
