/** The difference of two responses: its segments always join to both responses. */
import { describe, expect, it } from 'vitest';
import { foldSegments } from '../../../src/pairs/contrast/fold.js';
import { pairDiff } from '../../../src/pairs/contrast/pairDiff.js';
import { diffText } from '../../../src/pairs/contrast/pairText.js';
import { createRandom } from '../../../src/core/random.js';

const textOf = (chosen: string, rejected: string) => diffText(pairDiff({ chosen, rejected }));

describe('the difference of a pair', () => {
  it.each([
    ['it is 4', 'it is 5', 'it is [-5-]{+4+}'],
    ['the same', 'the same', 'the same'],
    ['', '', ''],
    ['all new', '', '{+all new+}'],
    ['', 'all gone', '[-all gone-]'],
    ['3.5 apples', '3.6 apples', '[-3.6-]{+3.5+} apples'],
    ["it isn't so", 'it is so', "it [-is-]{+isn't+} so"],
  ])('of %j against %j is %j', (chosen, rejected, expected) => {
    expect(textOf(chosen, rejected)).toBe(expected);
  });

  it('cuts between words in scripts without spaces, and never inside an emoji of several characters', () => {
    expect(textOf('日本の首都は東京です', '日本の首都は京都です')).toBe('日本の首都は[-京都-]{+東京+}です');
    expect(textOf('عاصمة فرنسا باريس اليوم', 'عاصمة فرنسا ليون اليوم')).toBe('عاصمة فرنسا [-ليون-]{+باريس+} اليوم');
    expect(textOf('a 👨‍👩‍👦 b', 'a 👨‍👩‍👧 b')).toBe('a [-👨‍👩‍👧-]{+👨‍👩‍👦+} b');
    expect(textOf('cafe\u0301 open', 'cafe open')).toBe('[-cafe-]{+cafe\u0301+} open');
  });

  it('makes one change of a rewritten phrase, also if it shares commas and short words', () => {
    expect(textOf('red apples, of the garden', 'green pears, of the market')).toBe(
      '[-green pears-]{+red apples+}, of the [-market-]{+garden+}',
    );
    expect(textOf('completely different words, entirely rewritten', 'something unlike before, altogether other')).toBe(
      '[-something unlike before, altogether other-]{+completely different words, entirely rewritten+}',
    );
    // Longer common text stays, and paragraphs stay separate.
    expect(textOf('one.\n\ntwo', 'eins.\n\nzwei')).toContain('\n\n');
    expect(textOf('yes, the capital of France is Paris', 'no, the capital of France is Lyon')).toBe(
      '[-no-]{+yes+}, the capital of France is [-Lyon-]{+Paris+}',
    );
  });

  it('gives back both responses, for random texts of all kinds, and is fast if nothing is alike', () => {
    const random = createRandom(5, 'texts');
    const words = [
      'the',
      'a',
      'apple',
      ' ',
      '\n',
      '\n\n',
      ', ',
      '. ',
      'é',
      'e\u0301',
      '👍🏽',
      '東京',
      'ليون',
      '\ud800',
      '\t',
      '🇫🇷',
    ];
    const text = (length: number) => Array.from({ length }, () => random.pick(words)).join(random.pick(['', ' ']));
    const pairs = Array.from({ length: 200 }, () => ({
      chosen: text(random.integer(60)),
      rejected: text(random.integer(60)),
    }));
    const unlike = (stem: string) => Array.from({ length: 20_000 }, (_, index) => `${stem}${index}`).join(' ');
    for (const pair of [...pairs, { chosen: unlike('a'), rejected: unlike('b') }]) {
      const segments = pairDiff(pair);
      const without = (of: 'chosen' | 'rejected') =>
        segments.flatMap((segment) => (segment.of === of ? [] : [segment.text])).join('');
      expect({ chosen: without('rejected'), rejected: without('chosen') }).toEqual(pair);
      expect(segments.every((segment, index) => segment.of !== segments[index - 1]?.of)).toBe(true);
      expect(segments.every((segment) => segment.text !== '')).toBe(true);
    }
  });
});

describe('folding', () => {
  const segments = pairDiff({ chosen: `${'same word '.repeat(100)}new`, rejected: `${'same word '.repeat(100)}old` });

  it('shows a change and the text around it, and folds the common text between', () => {
    const { pieces, omitted } = foldSegments(segments, { context: 30, change: 100, shown: 1000, folded: 50 });
    expect(pieces.map(({ of, folded }) => [of, folded])).toEqual([
      ['both', 0],
      ['both', 940],
      ['both', 0],
      ['rejected', 0],
      ['chosen', 0],
    ]);
    expect(pieces[0]!.text).toBe('same word same word same word ');
    expect(pieces[1]!.text.length).toBe(50);
    expect(pieces.slice(3).map(({ text }) => text)).toEqual(['old', 'new']);
    expect(omitted).toBe(0);
  });

  it('counts every character, for all lengths', () => {
    const random = createRandom(6, 'folds');
    const whole = segments.reduce((sum, { text }) => sum + text.length, 0);
    for (let round = 0; round < 200; round++) {
      const [context, change, shown, folded] = [100, 100, 1200, 300].map((most) => random.integer(most));
      const result = foldSegments(segments, { context: context!, change: change!, shown: shown!, folded: folded! });
      const seen = result.pieces.reduce((sum, piece) => sum + (piece.folded > 0 ? piece.folded : piece.text.length), 0);
      expect(seen + result.omitted).toBe(whole);
      const visible = result.pieces.reduce((sum, piece) => sum + (piece.folded > 0 ? 0 : piece.text.length), 0);
      expect(visible).toBeLessThanOrEqual(shown!);
    }
  });
});
