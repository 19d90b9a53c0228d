/** Reads the scores of a row. */
import type { PairScores } from '../pair.js';
import { BadRow } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { kindOf } from './readText.js';

/** The names of the columns of scores: TRL's, then those of the cleaned UltraFeedback sets. */
const names = [
  ['score_chosen', 'score_rejected'],
  ['chosen-rating', 'rejected-rating'],
  ['chosen_score', 'rejected_score'],
  ['chosen_rating', 'rejected_rating'],
] as const;

/** Scores, and the columns that hold nothing else. */
export interface ScoresRead {
  /** Both scores; undefined if one of them is missing. */
  readonly scores: PairScores | undefined;
  /** Columns that are not kept beside the scores. */
  readonly taken: readonly string[];
}

/**
 * Both scores of a row: numbers, or numbers in quotes. NaN and infinities count as missing, as null does. If only one score is
 * given it stays among the other columns.
 *
 * @throws BadRow if `score_chosen` or `score_rejected` is anything else
 */
export function readScores(row: Row): ScoresRead {
  for (const [chosenName, rejectedName] of names) {
    const [chosen, rejected] = [readScore(row, chosenName), readScore(row, rejectedName)];
    if (chosen !== undefined && rejected !== undefined) {
      // Other names stay in the row, which is written back with its own columns.
      return { scores: { chosen, rejected }, taken: chosenName === 'score_chosen' ? [chosenName, rejectedName] : [] };
    }
  }
  return { scores: undefined, taken: names[0].filter((name) => readScore(row, name) === undefined) };
}

function readScore(row: Row, column: string): number | undefined {
  const value = row[column] ?? undefined;
  const number = typeof value === 'string' ? numberOf(value) : value;
  if (number === undefined) return undefined;
  if (typeof number === 'number') return Number.isFinite(number) ? number : undefined;
  // Only these names say that they are scores of a pair.
  if (column !== 'score_chosen' && column !== 'score_rejected') return undefined;
  throw new BadRow(column, `"${column}" is ${kindOf(value)}; make it a number or leave it out`);
}

/** The number in a text; NaN for a number that is not finite, in Python's spelling; null if there is none. */
function numberOf(text: string): number | null {
  const trimmed = text.trim();
  if (/^[+-]?(nan|inf(inity)?)$/i.test(trimmed)) return NaN;
  const number = Number(trimmed);
  return trimmed === '' || Number.isNaN(number) ? null : number;
}
