/** Reads the score from a judge's completion. */
import { ApolabError } from '../../core/errors.js';
import { jsonObject } from '../prompts/jsonObject.js';
import { refusal } from '../refusal.js';
import type { Refusal, Score } from '../responder.js';
import {
  beginsLine,
  closing,
  distinctValues,
  endsLine,
  listValues,
  opening,
  type StatedValue,
  withoutThinking,
  wordsAround,
} from './statedValue.js';

/** The ends of a judge's scale; both are valid scores. */
export interface Scale {
  readonly lowest: number;
  readonly highest: number;
}

/** The scale of the project's template: 1 to 10. */
export const usualScale: Scale = { lowest: 1, highest: 10 };

/** A number after a label, or a fraction of the scale. */
interface StatedScore extends StatedValue<number> {
  /** The 10 of '7/10'; NaN if the number is part of a range or a percentage; absent without a denominator. */
  readonly outOf?: number;
  /** True if it has a line of its own. */
  readonly ownLine: boolean;
}

// All repetitions are bounded, so that the time is linear in the text.
const number = String.raw`([-−+]?\d{1,9}(?:\.\d{1,9}|,\d{1,2})?)(?![\d]|[.,]\d)`;
const label = /(?<![a-z0-9])(?:score|rating|grade)(?![a-z0-9])/gi;
const afterLabel = new RegExp(
  `${closing}(?:\\([^()\\n]{0,40}\\)${closing}|(?:out )?of \\d{1,9}${closing})?(?::|：|=|is(?= )|of(?= )|-{1,2}>)?${opening}${number}`,
  'iy',
);
const fraction = new RegExp(String.raw`(?<![\w.,/])${number}\s{0,3}(?:/|out of)\s{0,3}(\d{1,9})(?![\d/]|[.,]\d)`, 'gi');
const denominator = /[\s*_\])]{0,6}(?:\/|(?:out )?of (?:a possible )?)\s{0,3}[*_[(]{0,4}(\d{1,9}(?:\.\d{1,9})?)/iy;
const moreThanANumber = /[^\S\n]{0,3}(?:%|(?:-|–|—|to|or)[^\S\n]{0,3}\d)/iy;
const doubleBrackets = new RegExp(String.raw`\[\[\s{0,3}${number}\s{0,3}\]\]`, 'g');
const numberAlone = new RegExp(String.raw`^[\s*_${'`'}"'>#{[(]{0,20}${number}`);

/**
 * Reads the score of a completion: `{score}: 7`, `Score: 7`, `**Rating: 7**`, `7/10`, `8 out of 10`, `[[7]]`,
 * `{"score": 7}`, decimals with a point or a comma.
 *
 * Scores on a line of their own take precedence over those inside sentences ("clarity 6/10, ... \n Score: 7"). The content
 * of `<think>...</think>` at the beginning is ignored.
 *
 * @returns the score with the judge's words as its `reason`; or a refusal if there is no score, several different ones, one
 * outside the scale or on another scale, a range, or a percentage. It never throws
 * @example
 * parseScore('Right, but dry.\n{score}: 7'); // { kind: 'score', score: 7, reason: 'Right, but dry.' }
 * parseScore('11/10'); // { kind: 'skipped', reason: 'the score 11 is not on the scale from 1 to 10' }
 */
export function parseScore(completion: string, scale: Scale = usualScale): Score | Refusal {
  if (completion.trim() === '') return refusal('the completion is empty');
  const text = withoutThinking(completion);
  const json = jsonObject(text);
  const found = json === undefined ? statedScores(text, scale) : scoresOfJson(json);
  const ownLine = found.filter((one) => one.ownLine);
  const counted = ownLine.length > 0 ? ownLine : found;
  const values = distinctValues(counted);
  const [stated, ...others] = values;
  if (stated === undefined) {
    return refusal(`no score: expected a last line such as {score}: ${scale.highest}`);
  }
  if (others.length > 0) return refusal(`several different scores: ${listValues(text, values)}`);
  const { value } = stated;
  const strange = counted.find(({ outOf }) => outOf !== undefined && outOf !== scale.highest);
  if (strange !== undefined) {
    return refusal(
      Number.isNaN(strange.outOf)
        ? `the score ${value} is a range or a percentage: expected one number from ${scale.lowest} to ${scale.highest}`
        : `the score ${value} is out of ${strange.outOf!}, but the scale goes from ${scale.lowest} to ${scale.highest}`,
    );
  }
  if (!(value >= scale.lowest && value <= scale.highest)) {
    return refusal(`the score ${value} is not on the scale from ${scale.lowest} to ${scale.highest}`);
  }
  const reason = wordsOf(json, text, ownLine);
  return { kind: 'score', score: value, ...(reason === '' ? {} : { reason }) };
}

/**
 * Checks a scale.
 *
 * @throws ApolabError if the lowest score is not below the highest
 */
export function checkScale({ lowest, highest }: Scale): void {
  if (Number.isFinite(lowest) && Number.isFinite(highest) && lowest < highest) return;
  throw new ApolabError(
    `The lowest score of a judge's scale must be below the highest, such as { lowest: 1, highest: 10 }; given: ${lowest} to ${highest}.`,
  );
}

function statedScores(text: string, { highest }: Scale): StatedScore[] {
  const found: StatedScore[] = [];
  for (const { 0: word, index } of text.matchAll(label)) {
    afterLabel.lastIndex = index + word.length;
    const match = afterLabel.exec(text);
    if (match === null) continue;
    found.push(completed(text, index, afterLabel.lastIndex, match[1]!, beginsLine(text, index)));
  }
  const labelled = [...found];
  let nextLabelled = 0;
  for (const match of text.matchAll(fraction)) {
    const end = match.index + match[0].length;
    while (nextLabelled < labelled.length && labelled[nextLabelled]!.end < end) nextLabelled += 1;
    if ((labelled[nextLabelled]?.start ?? Infinity) <= match.index) continue;
    // Sentences may contain any fraction, so there only one on this scale is a score; on a line of its own every fraction is.
    const ownLine = beginsLine(text, match.index) && endsLine(text, end);
    if (!ownLine && Number(match[2]) !== highest) continue;
    found.push({ value: toNumber(match[1]!), outOf: Number(match[2]), start: match.index, end, ownLine });
  }
  for (const match of text.matchAll(doubleBrackets)) {
    found.push({ value: toNumber(match[1]!), start: match.index, end: match.index + match[0].length, ownLine: true });
  }
  if (found.length > 0) return found.sort((one, other) => one.start - other.start);
  const alone = numberAlone.exec(text);
  if (alone === null || !endsText(text, alone[0].length)) return [];
  return [{ value: toNumber(alone[1]!), start: 0, end: text.length, ownLine: true }];
}

/** A number after its label, with its denominator if there is one. */
function completed(text: string, start: number, at: number, digits: string, begins: boolean): StatedScore {
  const value = toNumber(digits);
  moreThanANumber.lastIndex = at;
  if (moreThanANumber.test(text)) return { value, outOf: NaN, start, end: at, ownLine: begins };
  denominator.lastIndex = at;
  const match = denominator.exec(text);
  const end = match === null ? at : denominator.lastIndex;
  return {
    value,
    ...(match === null ? {} : { outOf: Number(match[1]) }),
    start,
    end,
    ownLine: begins && endsLine(text, end),
  };
}

function scoresOfJson(json: Readonly<Record<string, unknown>>): StatedScore[] {
  return Object.entries(json).flatMap(([key, given]) => {
    if (!/^(?:score|rating|grade)$/i.test(key)) return [];
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    return typeof value === 'number' ? [{ value, start: 0, end: 0, ownLine: true }] : [];
  });
}

/** The judge's words without the score; for a JSON object, its other texts. */
function wordsOf(json: Readonly<Record<string, unknown>> | undefined, text: string, ownLine: StatedScore[]): string {
  if (json === undefined) return wordsAround(text, ownLine);
  return Object.values(json)
    .filter((value) => typeof value === 'string' && Number.isNaN(Number(value)))
    .join('\n');
}

function endsText(text: string, at: number): boolean {
  return /^[\s*_`"'}\])>.!]*$/.test(text.slice(at, at + 60)) && text.slice(at + 60).trim() === '';
}

function toNumber(digits: string): number {
  return Number(digits.replace('−', '-').replace(',', '.'));
}
