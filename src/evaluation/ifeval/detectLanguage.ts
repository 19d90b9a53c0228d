/**
 * The language of a text, by the counts of its n-grams. IFEval's program asks `langdetect` for it; this is the same model with
 * the same profiles (datasets/language-profiles/). langdetect draws n-grams at random until one language is almost certain, so
 * the same text can get two answers; here all n-grams count, which is what its draws approach.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot } from '../../core/packageRoot.js';

interface Profiles {
  readonly languages: readonly string[];
  /** The number of all 1-, 2- and 3-grams of each language. */
  readonly totals: readonly (readonly [number, number, number])[];
  /** Chinese characters that count as the first of their class. */
  readonly classes: readonly string[];
  /** By n-gram: index of a language, count there, index, count ... */
  readonly grams: Readonly<Record<string, readonly number[]>>;
}

interface Model {
  readonly languages: readonly string[];
  /** The share of an n-gram among all n-grams of its length, by language. */
  readonly shares: ReadonlyMap<string, Float64Array>;
  readonly ideographs: ReadonlyMap<string, string>;
}

/** Added to each share, so that an n-gram that a language does not have leaves it possible: langdetect's 0.5 / 10,000. */
const smoothing = 0.5 / 10_000;
const longestText = 10_000;
const longestGram = 3;

let loaded: Model | undefined;

/**
 * The language's code (ISO 639-1; `zh-cn` and `zh-tw` for Chinese) with the highest posterior probability under equal priors:
 * `argmax_l sum_g log(p(g | l) + 0.5 / 10000)` over the text's 1-, 2- and 3-grams `g`. `undefined` of a text without letters.
 *
 * Source: langdetect 1.0.9, after Nakatani Shuyo's language-detection.
 *
 * @example
 * detectLanguage('The mill stands by the river.'); // 'en'
 */
export function detectLanguage(text: string): string | undefined {
  loaded ??= load();
  const { languages, shares } = loaded;
  const scores = new Float64Array(languages.length);
  let known = 0;
  for (const gram of gramsOf(lettersOf(text), loaded.ideographs)) {
    const share = shares.get(gram);
    if (share === undefined) continue;
    known += 1;
    for (let index = 0; index < scores.length; index += 1) scores[index]! += Math.log(smoothing + share[index]!);
  }
  if (known === 0) return undefined;
  return languages[scores.indexOf(Math.max(...scores))];
}

function load(): Model {
  const file = path.join(packageRoot, 'datasets', 'language-profiles', 'profiles.json.gz');
  const { languages, totals, classes, grams } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Profiles;
  const shares = new Map<string, Float64Array>();
  for (const [gram, counts] of Object.entries(grams)) {
    const length = Array.from(gram).length;
    if (length > longestGram) continue;
    const share = new Float64Array(languages.length);
    for (let at = 0; at < counts.length; at += 2) {
      const language = counts[at]!;
      share[language] = counts[at + 1]! / totals[language]![length - 1]!;
    }
    shares.set(gram, share);
  }
  const ideographs = new Map(
    classes.flatMap((members) => Array.from(members).map((one) => [one, members[0]!] as const)),
  );
  return { languages, shares, ideographs };
}

const address = /https?:\/\/[-_.?&~;+=/#0-9A-Za-z]{1,2076}/g;
const mail = /[-_.0-9A-Za-z]{1,64}@[-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255}/g;

/** The characters that count: no addresses, and no Latin words inside a text of another script. */
function lettersOf(text: string): string[] {
  const characters = Array.from(text.replace(address, ' ').replace(mail, ' ').normalize('NFC')).slice(0, longestText);
  const isLatin = (character: string) => character >= 'A' && character <= 'z';
  const latin = characters.filter(isLatin).length;
  const other = characters.filter((one) => one >= '\u0300' && !(one >= '\u1e00' && one <= '\u1eff')).length;
  return latin * 2 < other ? characters.filter((one) => !isLatin(one)) : characters;
}

/** The n-grams of the words, with a space before each. Of a word in capitals only the first letter counts. */
function* gramsOf(characters: readonly string[], ideographs: ReadonlyMap<string, string>): Generator<string, void> {
  let window = [' '];
  let inCapitals = false;
  for (const given of characters) {
    const character = normalized(given, ideographs);
    const before = window.at(-1)!;
    if (before === ' ') {
      window = [' '];
      inCapitals = false;
      if (character === ' ') continue;
    }
    window = [...window.slice(1 - longestGram), character];
    inCapitals = isCapital(character) && (inCapitals || isCapital(before));
    if (inCapitals) continue;
    for (let length = 1; length <= window.length; length += 1) yield window.slice(-length).join('');
  }
}

const isCapital = (character: string) => /\p{Lu}/u.test(character);

/** Ranges of characters that count as one, as the profiles were made. */
const blocks: readonly (readonly [first: number, last: number, as: string])[] = [
  [0x2000, 0x206f, ' '],
  [0x1ea0, 0x1eff, '\u1ec3'],
  [0x3040, 0x309f, '\u3042'],
  [0x30a0, 0x30ff, '\u30a2'],
  [0x3100, 0x312f, '\u3105'],
  [0x31a0, 0x31bf, '\u3105'],
  [0xac00, 0xd7af, '\uac00'],
];
const single: Readonly<Record<string, string>> = {
  '\u00a0': ' ',
  '\u00ab': ' ',
  '\u00b0': ' ',
  '\u00bb': ' ',
  '\u0219': '\u015f',
  '\u021b': '\u0163',
  '\u06cc': '\u064a',
};

function normalized(character: string, ideographs: ReadonlyMap<string, string>): string {
  if (character < '\u0080') return /[A-Za-z]/.test(character) ? character : ' ';
  const code = character.codePointAt(0)!;
  const block = blocks.find(([first, last]) => code >= first && code <= last);
  return block?.[2] ?? single[character] ?? ideographs.get(character) ?? character;
}
