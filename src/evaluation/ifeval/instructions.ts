/**
 * IFEval's 25 kinds of verifiable instruction: the arguments of each, and the check of a response.
 *
 * Source: Zhou et al., Instruction-Following Evaluation for Large Language Models, arXiv 2311.07911, table 1, with the details
 * of the official program. Where the instruction's words and the program differ, the program counts: `less than` and `at least`
 * are the only relations, a bullet begins with `*` or `-`, a keyword may be part of a longer word.
 */
import { countCapitalWords, isLowerCase, isUpperCase } from './capitalWords.js';
import { countSentences } from './countSentences.js';
import { detectLanguage } from './detectLanguage.js';
import { instruction, type Instruction } from './instruction.js';

/**
 * The checks, by the instruction's id.
 *
 * @example
 * instructions['punctuation:no_comma'].follows('No commas here.', {}); // true
 */
export const instructions = {
  'keywords:existence': instruction({ keywords: 'texts' }, (response, { keywords }) =>
    keywords.every((keyword) => occurrences(response, keyword) > 0),
  ),
  'keywords:frequency': instruction(
    { keyword: 'text', frequency: 'count', relation: 'relation' },
    (response, { keyword, frequency, relation }) => holds(occurrences(response, keyword.trim()), relation, frequency),
  ),
  'keywords:forbidden_words': instruction(
    { forbidden_words: 'texts' },
    (response, { forbidden_words: words }) => !words.some((word) => wholeWord(word).test(response)),
  ),
  'keywords:letter_frequency': instruction(
    { letter: 'text', let_frequency: 'count', let_relation: 'relation' },
    (response, { letter, let_frequency: frequency, let_relation: relation }) =>
      holds(response.toLowerCase().split(letter.toLowerCase()).length - 1, relation, frequency),
  ),
  'language:response_language': instruction({ language: 'text' }, (response, { language }) =>
    isLanguage(response, language),
  ),
  'length_constraints:number_sentences': instruction(
    { num_sentences: 'count', relation: 'relation' },
    (response, { num_sentences: count, relation }) => holds(countSentences(response), relation, count),
  ),
  // Paragraphs with the divider `***` between them.
  'length_constraints:number_paragraphs': instruction(
    { num_paragraphs: 'count' },
    (response, { num_paragraphs: count }) => piecesBetween(response, /\s?\*\*\*\s?/)?.length === count,
  ),
  'length_constraints:number_words': instruction(
    { num_words: 'count', relation: 'relation' },
    (response, { num_words: count, relation }) => holds(matches(response, /[\p{L}\p{N}_]+/gu).length, relation, count),
  ),
  // Paragraphs with an empty line between them.
  'length_constraints:nth_paragraph_first_word': instruction(
    { num_paragraphs: 'count', nth_paragraph: 'count', first_word: 'text' },
    (response, { num_paragraphs: count, nth_paragraph: nth, first_word: word }) => {
      const pieces = response.split('\n\n');
      const paragraphs = pieces.filter((piece) => piece.trim() !== '').length;
      return paragraphs === count && nth <= paragraphs && firstWord(pieces[nth - 1]!) === word.toLowerCase();
    },
  ),
  'detectable_content:number_placeholders': instruction(
    { num_placeholders: 'count' },
    (response, { num_placeholders: least }) => matches(response, /\[.*?\]/g).length >= least,
  ),
  'detectable_content:postscript': instruction(
    { postscript_marker: 'text' },
    (response, { postscript_marker: marker }) => postscript(marker.trim()).test(response.toLowerCase()),
  ),
  'detectable_format:number_bullet_lists': instruction(
    { num_bullets: 'count' },
    (response, { num_bullets: count }) =>
      matches(response, /^\s*\*[^*].*$/gm).length + matches(response, /^\s*-.*$/gm).length === count,
  ),
  'detectable_format:constrained_response': instruction({}, (response) =>
    ['My answer is yes.', 'My answer is no.', 'My answer is maybe.'].some((answer) => response.includes(answer)),
  ),
  // `**bold**` counts once: the first pattern finds only its empty `**`.
  'detectable_format:number_highlighted_sections': instruction(
    { num_highlights: 'count' },
    (response, { num_highlights: least }) => {
      const marked = [...matches(response, /\*[^\n*]*\*/g), ...matches(response, /\*\*[^\n*]*\*\*/g)];
      return marked.filter((text) => text.replaceAll('*', '').trim() !== '').length >= least;
    },
  ),
  'detectable_format:multiple_sections': instruction(
    { section_spliter: 'text', num_sections: 'count' },
    (response, { section_spliter: marker, num_sections: least }) =>
      matches(response, new RegExp(`\\s?${literal(marker.trim())}\\s?\\d+\\s?`, 'g')).length >= least,
  ),
  'detectable_format:json_format': instruction({}, (response) => isJson(withoutFence(response))),
  'detectable_format:title': instruction({}, (response) =>
    matches(response, /<<[^\n]+>>/g).some((title) => title.replace(/^<+/, '').replace(/>+$/, '').trim() !== ''),
  ),
  'combination:two_responses': instruction({}, (response) => {
    const [first, second, ...others] = piecesBetween(response, '******') ?? [];
    return second !== undefined && others.length === 0 && first!.trim() !== second.trim();
  }),
  'combination:repeat_prompt': instruction({ prompt_to_repeat: 'text' }, (response, { prompt_to_repeat: prompt }) =>
    response.trim().toLowerCase().startsWith(prompt.trim().toLowerCase()),
  ),
  'startend:end_checker': instruction({ end_phrase: 'text' }, (response, { end_phrase: phrase }) =>
    response
      .trim()
      .replace(/^"+|"+$/g, '')
      .toLowerCase()
      .endsWith(phrase.trim().toLowerCase()),
  ),
  'startend:quotation': instruction({}, (response) => /^".*"$/s.test(response.trim())),
  'change_case:capital_word_frequency': instruction(
    { capital_frequency: 'count', capital_relation: 'relation' },
    (response, { capital_frequency: frequency, capital_relation: relation }) =>
      holds(countCapitalWords(response), relation, frequency),
  ),
  'change_case:english_capital': instruction({}, (response) => isUpperCase(response) && isLanguage(response, 'en')),
  'change_case:english_lowercase': instruction({}, (response) => isLowerCase(response) && isLanguage(response, 'en')),
  'punctuation:no_comma': instruction({}, (response) => !response.includes(',')),
} as const satisfies Readonly<Record<string, Instruction>>;

/** An instruction's id: the key of its row. */
export type InstructionId = keyof typeof instructions;

function holds(number: number, relation: 'less than' | 'at least', bound: number): boolean {
  return relation === 'at least' ? number >= bound : number < bound;
}

/** A text without letters follows every instruction about its language, as in the official program. */
function isLanguage(response: string, language: string): boolean {
  return (detectLanguage(response) ?? language) === language;
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

const matches = (text: string, pattern: RegExp) => text.match(pattern) ?? [];

const occurrences = (text: string, word: string) => matches(text, new RegExp(literal(word), 'giu')).length;

function wholeWord(word: string): RegExp {
  const letter = String.raw`[\p{L}\p{N}_]`;
  return new RegExp(`(?<!${letter})${literal(word)}(?!${letter})`, 'iu');
}

/** What stands between dividers, empty pieces at both ends left out; `undefined` if another piece is empty. */
function piecesBetween(response: string, divider: RegExp | string): string[] | undefined {
  const pieces = response.split(divider);
  const isEmpty = (piece: string) => piece.trim() === '';
  if (pieces.slice(1, -1).some(isEmpty)) return undefined;
  return pieces.filter((piece) => !isEmpty(piece));
}

/** The first word of a paragraph in small letters, without quotation marks before it, up to the first mark. */
function firstWord(paragraph: string): string {
  const word = paragraph.trim().split(/\s/)[0]!;
  return word
    .replace(/^'+/, '')
    .replace(/^"+/, '')
    .split(/[.,?!'"]/)[0]!
    .toLowerCase();
}

/** Markers are compared in small letters, so a marker of capitals is one too. */
function postscript(marker: string): RegExp {
  if (marker === 'P.P.S') return /p\.\s?p\.\s?s/;
  if (marker === 'P.S.') return /p\.\s?s\./;
  return new RegExp(literal(marker.toLowerCase()));
}

function withoutFence(response: string): string {
  let text = response.trim();
  for (const fence of ['```json', '```Json', '```JSON', '```'])
    if (text.startsWith(fence)) text = text.slice(fence.length);
  return (text.endsWith('```') ? text.slice(0, -3) : text).trim();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
