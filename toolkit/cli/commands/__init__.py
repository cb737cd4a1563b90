"""The commands by what they are about: names, options and help, nothing heavy imported."""
