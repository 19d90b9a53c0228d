/** Sentences, words in capitals and languages as the programs that IFEval asks count and recognise them. */
import { describe, expect, test } from 'vitest';
import { countCapitalWords } from '../../src/evaluation/ifeval/capitalWords.js';
import { countSentences } from '../../src/evaluation/ifeval/countSentences.js';
import { detectLanguage } from '../../src/evaluation/ifeval/detectLanguage.js';
import { readGolden } from '../golden/read.js';

/** By tests/golden/ifeval.py: counts of NLTK and languages of langdetect. */
const golden = readGolden<Record<'sentences' | 'capitals', [string, number][]> & { languages: [string, string][] }>(
  'ifeval.json',
);

describe('as the programs that IFEval asks', () => {
  test.each(golden.sentences)('NLTK counts the sentences of %j', (text, count) => {
    expect(countSentences(text)).toBe(count);
  });

  test.each(golden.capitals)('NLTK counts the words in capitals of %j', (text, count) => {
    expect(countCapitalWords(text)).toBe(count);
  });

  test.each(golden.languages)('langdetect recognises %j', (text, language) => {
    expect(detectLanguage(text)).toBe(language);
  });

  test('a text without letters has no language, and time is linear in the text', () => {
    expect(detectLanguage('1 + 1 = 2')).toBeUndefined();
    expect(countSentences('a'.repeat(300_000))).toBe(1);
  });
});
