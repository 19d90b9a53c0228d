/**
 * MixEval's rules: which option a response names, and whether a response contains a right answer. They decide as the official
 * rule parser does, except that a response that names no option is undecided; the official program draws an option by lot.
 */
import { letterOf } from './prompts.js';

/** Marks that the official parser takes off both ends, one kind after the other. */
const endMarks = [',', '.', '!', '?', ';', ':', "'"];

/** The texts that name an option by its letter. */
const namings = (letter: string) => [
  ...[' ', '\n'].flatMap((before) =>
    ['', '.'].flatMap((mark) => [' ', '\n'].map((after) => `${before}${letter}${mark}${after}`)),
  ),
  `(${letter})`,
  `**${letter} `,
  ` ${letter}**`,
  `**${letter}. `,
  ` ${letter}.**`,
];

/**
 * The letter of the option that a response names first; `undefined` if it names none. A response of more than five words that
 * names no letter may contain an option's text instead.
 *
 * @example
 * optionOf('I think it is B. The mill.', ['The well', 'The mill']); // 'B'
 */
export function optionOf(given: string, options: readonly string[]): string | undefined {
  const response = ` ${endMarks.reduce(withoutMark, given)} `;
  const byLetter = options.map((_, index) => firstOf(response, namings(letterOf(index))));
  const small = response.toLowerCase();
  const byText = () => options.map((option) => firstOf(small, [option.toLowerCase()]));
  const places = byLetter.some(Number.isFinite) || wordsOf(response) <= 5 ? byLetter : byText();
  const first = Math.min(...places);
  return Number.isFinite(first) ? letterOf(places.indexOf(first)) : undefined;
}

function withoutMark(text: string, mark: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text[start] === mark) start += 1;
  while (end > start && text[end - 1] === mark) end -= 1;
  return text.slice(start, end);
}

/** The offset of the first of these texts; infinity if there is none. */
function firstOf(text: string, sought: readonly string[]): number {
  return Math.min(...sought.map((one) => text.indexOf(one)).map((offset) => (offset === -1 ? Infinity : offset)));
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

/** A text, or a number rounded to two decimals. */
type Normal = string | number;

/**
 * True if the response contains a right answer: as a text inside one of its key phrases, or as a number in one. The key phrase
 * of a line is the shortest part after a word such as `is`, `so` or `answer`; without any, the whole response counts.
 *
 * @example
 * containsAnswer('The result is 3,000.', ['3000']); // true
 */
export function containsAnswer(response: string, targets: readonly string[]): boolean {
  const answers = targets.flatMap(normalized);
  const phrases = keyPhrases(response);
  const predictions = [...phrases, ...phrases.flatMap(numbersIn)].flatMap(normalized);
  return predictions.some((prediction) =>
    answers.some((answer) =>
      typeof prediction === 'string'
        ? typeof answer === 'string' && prediction.includes(answer)
        : prediction === answer,
    ),
  );
}

const indicators = ['could be ', 'so ', 'is ', 'thus ', 'therefore ', 'final ', 'answer ', 'result '];

function keyPhrases(given: string): string[] {
  const response = withoutMark(given.trim(), '.').toLowerCase();
  const lines = response.split('\n');
  const phrases = lines.flatMap((line, index) => {
    // In the last line an equation may give the answer.
    const sought = index === lines.length - 1 ? [...indicators, '='] : indicators;
    const parts = sought.filter((one) => line.includes(one)).map((one) => line.split(one).at(-1)!.trim());
    const shortest = shortestOf(parts);
    return shortest === '' || [':', ',', '.', '!', '?', ';', "'"].includes(shortest) ? [] : [shortest];
  });
  return phrases.length === 0 ? [response] : phrases;
}

/** The shortest part, the first of several; an empty one counts only until another comes. */
function shortestOf(parts: readonly string[]): string {
  return parts.reduce((shortest, part) => (shortest === '' || part.length < shortest.length ? part : shortest), '');
}

/** A number alone, or the text in small letters; a single character stands beside a space, so that it is no part of a word. */
function normalized(given: string): Normal[] {
  const text = given.trim();
  const plain = text.replaceAll(',', '');
  if (/^[-+]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain))
    return [rounded(Number(plain.replaceAll('_', '')))];
  const small = text.toLowerCase();
  return Array.from(small).length === 1 ? [` ${small}`, `${small} `] : [small];
}

const rounded = (number: number) => (Number.isFinite(number) ? Number(number.toFixed(2)) : number);

const withCommas = /-?\b\d{1,3}(?:,\d{3})+\b/g;
const scientific = /-?\d+(?:\.\d+)?e[+-]?\d+/gi;
const simple = /-?(?:\d+\.\d+|\.\d+|\d+\b)(?!e[+-]?\d+)(?![,\d])/gi;

/** The numbers in a text: with thousands separators, with an exponent, and plain ones. */
function numbersIn(text: string): string[] {
  return [withCommas, scientific, simple].flatMap((pattern) => text.match(pattern) ?? []);
}
