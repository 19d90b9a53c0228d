/** The problems that can be found in a preference run, as one table: what the metrics show, and what fixes it. */
import type { Detector } from './evidence.js';
import { lengthHacking } from './length.js';
import { bothFalling, klRunaway, marginWithoutMovement, winnersFalling } from './likelihoods.js';
import { gradientExplosion, learningTooSlow, lossRising, notFinite, saturation } from './optimization.js';

/** The table of detectors, by the id of their finding; the most severe first. */
export const detectors = {
  not_finite: notFinite,
  gradient_explosion: gradientExplosion,
  loss_rising: lossRising,
  both_falling: bothFalling,
  winners_falling: winnersFalling,
  margin_without_movement: marginWithoutMovement,
  kl_runaway: klRunaway,
  length_hacking: lengthHacking,
  saturation,
  learning_too_slow: learningTooSlow,
} as const satisfies Record<string, Detector>;

/** The id of a finding: a key of `detectors`. */
export type FindingId = keyof typeof detectors;
