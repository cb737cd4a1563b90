"""What becomes of a generator that learns from its own samples? One generation after another, it grows narrow.

Each generation is fitted to the samples that the one before drew and the judge accepted. Drawn at a temperature
below one and filtered by a judge, they vary less than what the generator had learned from, and what is rare in one
generation is not there for the next (Shumailov et al., Nature 631, 2024; Alemohammad et al., ICLR 2024).
"""

from __future__ import annotations

from toolkit.demo.generator import ClassGaussians, Prior, draw, fit
from toolkit.demo.images import ImageSet
from toolkit.demo.judge import Judge
from toolkit.demo.settings import Settings
from toolkit.demo.teaching import DRAWS, accepted_by, luck


def descendant(
    generator: ClassGaussians,
    judge: Judge,
    stage: int,
    seed: int,
    *,
    generations: int,
    temperature: float,
    settings: Settings,
) -> ClassGaussians:
    """The generator after so many generations of its own: itself after none, or where nothing was accepted.

    In each it draws as many samples as a stage asks for, with luck of their own, and is fitted to the accepted ones
    under the labels asked for. What it was before counts as experience of `prior_images` images a class, so that a
    class of which nothing was accepted stays as it was.
    """
    for generation in range(1, generations + 1):
        drawn = draw(generator, settings.draws_per_class, luck(seed, DRAWS, stage, generation), temperature)
        kept = accepted_by(judge, drawn, settings)[1].nonzero()[0]
        if len(kept) < 2:  # a spread needs two
            continue
        own = ImageSet(drawn.pixels[kept], drawn.labels[kept], kept)
        generator = fit(own, Prior(generator.means, generator.covariance, settings.prior_images))
    return generator
