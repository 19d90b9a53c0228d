/** Reads the verdict from the completion of a judge that compared two answers. */
import { jsonObject } from '../prompts/jsonObject.js';
import { refusal } from '../refusal.js';
import type { Refusal } from '../responder.js';
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

/** The better of the answers A and B, or neither. */
export type Verdict = 'A' | 'B' | 'tie';

/** A verdict with the judge's words. */
export interface StatedVerdict {
  readonly kind: 'verdict';
  readonly verdict: Verdict;
  /** The judge's own words, if it gave any. */
  readonly reason?: string;
}

/** The words of a verdict. */
const verdictWords = {
  a: 'A',
  b: 'B',
  c: 'tie',
  first: 'A',
  second: 'B',
  tie: 'tie',
  tied: 'tie',
  draw: 'tie',
  equal: 'tie',
  neither: 'tie',
  both: 'tie',
} as const satisfies Record<string, Verdict>;

// All repetitions are bounded, so that the time is linear in the text.
const answer = String.raw`(?:(?:an?|the) )?(?:(?:answer|response|assistant|solution|student)[\s_]{0,3})?`;
const value = `(${Object.keys(verdictWords)
  .filter((word) => word !== 'c')
  .join('|')})(?![a-z0-9])(?:[ ](?:answer|response|one|assistant|solution))?`;
const label =
  /(?<![a-z0-9])(?:verdict|winner|decision|preference|preferred|better|choice)(?![a-z0-9])(?: (?:answer|response|one))?/gi;
const afterLabel = new RegExp(`${closing}(?::|：|=|is(?= )|-{1,2}>)?${opening}${answer}${opening}${value}`, 'iy');
const comment =
  /[*_`"'\])}]{0,6}(?: (?:is|was) (?:(?:clearly|slightly|much|the) ){0,2}better(?: answer| response)?| wins)/iy;
const doubleBrackets = /\[\[\s{0,3}(?:answer |response )?(a|b|c|tie)\s{0,3}\]\]/gi;

/**
 * Reads the verdict of a completion: `{verdict}: A`, `**Winner: Answer B**`, `Verdict: tie`, `[[A]]` (`[[C]]` is a tie),
 * `{"verdict": "B"}`, or the letter alone.
 *
 * Only a line of its own is a verdict, because "A" is also an ordinary word. The content of `<think>...</think>` at the
 * beginning is ignored.
 *
 * @returns the verdict with the judge's words as its `reason`; or a refusal if there is no verdict, or different ones. It
 * never throws
 * @example
 * parseVerdict('B has a wrong sum.\n{verdict}: A'); // { kind: 'verdict', verdict: 'A', reason: 'B has a wrong sum.' }
 */
export function parseVerdict(completion: string): StatedVerdict | Refusal {
  if (completion.trim() === '') return refusal('the completion is empty');
  const text = withoutThinking(completion);
  const json = jsonObject(text);
  const found = json === undefined ? statedVerdicts(text) : verdictsOfJson(json);
  const values = distinctValues(found);
  const [stated, ...others] = values;
  if (stated === undefined) return refusal('no verdict: expected a last line such as {verdict}: A (or B, or tie)');
  if (others.length > 0) return refusal(`different verdicts: ${listValues(text, values)}`);
  const reason =
    json === undefined
      ? wordsAround(text, found)
      : Object.values(json)
          .filter((one) => typeof one === 'string' && verdictOf(one) === undefined)
          .join('\n');
  return { kind: 'verdict', verdict: stated.value, ...(reason === '' ? {} : { reason }) };
}

function statedVerdicts(text: string): StatedValue<Verdict>[] {
  const found: StatedValue<Verdict>[] = [];
  for (const { 0: word, index } of text.matchAll(label)) {
    if (!beginsLine(text, index)) continue;
    afterLabel.lastIndex = index + word.length;
    const match = afterLabel.exec(text);
    if (match === null) continue;
    comment.lastIndex = afterLabel.lastIndex;
    const end = comment.test(text) ? comment.lastIndex : afterLabel.lastIndex;
    if (endsLine(text, end)) found.push({ value: verdictOf(match[1]!)!, start: index, end });
  }
  for (const match of text.matchAll(doubleBrackets)) {
    found.push({ value: verdictOf(match[1]!)!, start: match.index, end: match.index + match[0].length });
  }
  if (found.length > 0) return found.sort((one, other) => one.start - other.start);
  const alone = text.trim();
  const verdict = alone.length > 40 ? undefined : verdictOf(alone.replace(/^[\s*_`"'{[(]+|[\s*_`"'}\]).!]+$/g, ''));
  return verdict === undefined ? [] : [{ value: verdict, start: 0, end: text.length }];
}

function verdictsOfJson(json: Readonly<Record<string, unknown>>): StatedValue<Verdict>[] {
  return Object.entries(json).flatMap(([key, given]) => {
    const verdict = typeof given === 'string' ? verdictOf(given) : undefined;
    return verdict !== undefined && /^(?:verdict|winner|decision|preference|preferred|better|choice)$/i.test(key)
      ? [{ value: verdict, start: 0, end: 0 }]
      : [];
  });
}

/** 'A', 'answer b', 'Tie' and the like; undefined for anything else. */
function verdictOf(words: string): Verdict | undefined {
  const word = words
    .trim()
    .toLowerCase()
    .replace(/^(?:answer|response|assistant|solution)[\s_]/, '');
  return Object.hasOwn(verdictWords, word) ? verdictWords[word as keyof typeof verdictWords] : undefined;
}
