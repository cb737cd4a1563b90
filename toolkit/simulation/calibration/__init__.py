"""Do the toolkit's intervals cover, and its flags stay quiet, as often as they claim? The calibration study."""
