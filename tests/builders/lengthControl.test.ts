import { describe, expect, it } from 'vitest';
import { lengthReason } from '../../src/builders/lengthControl.js';

const pair = (chosen: string, rejected: string) => ({ chosen, rejected });

describe('length control', () => {
  it.each([
    [pair('abcd', 'ab'), { maxRatio: 2 }],
    [pair('ab', 'abcd'), { maxRatio: 2 }],
    [pair('', ''), { maxRatio: 1 }],
    // Two characters each, but four and two UTF-16 units.
    [pair('🙂🙂', 'ab'), { maxRatio: 1 }],
    [pair(' two\n words ', 'one'), { maxWords: 2 }],
    [pair('🙂🙂', 'ab'), { maxCharacters: 2 }],
    [pair('a'.repeat(1000), 'a'), {}],
  ])('accepts %j with %j', (given, limits) => expect(lengthReason(given, limits)).toBeUndefined());

  it.each([
    [
      pair('abcde', 'ab'),
      { maxRatio: 2 },
      'the chosen response has 5 characters, the rejected one 2: 2.5 times as many, and 2 are allowed',
    ],
    [
      pair('a', 'abc'),
      { maxRatio: 1.5 },
      'the chosen response has 1 character, the rejected one 3: 3 times as many, and 1.5 are allowed',
    ],
    [
      pair('a'.repeat(2001), 'a'.repeat(1000)),
      { maxRatio: 2 },
      'the chosen response has 2001 characters, the rejected one 1000: 2.01 times as many, and 2 are allowed',
    ],
    [
      pair('', 'a'),
      { maxRatio: 9 },
      'the chosen response has 0 characters, the rejected one 1: Infinity times as many, and 9 are allowed',
    ],
    [pair('a b c', 'a'), { maxWords: 2 }, 'the chosen response has 3 words, the rejected one 1: at most 2 are allowed'],
    [pair('a', 'a b c'), { maxWords: 2 }, 'the chosen response has 1 word, the rejected one 3: at most 2 are allowed'],
    [
      pair('你好吗', '好'),
      { maxCharacters: 2 },
      'the chosen response has 3 characters, the rejected one 1: at most 2 are allowed',
    ],
  ])('explains why %j is too long', (given, limits, reason) => expect(lengthReason(given, limits)).toBe(reason));

  it.each([{ maxRatio: 0.5 }, { maxWords: 0 }, { maxCharacters: NaN }])('refuses %j', (limits) =>
    expect(() => lengthReason(pair('a', 'b'), limits)).toThrow('must be a number of at least 1; given: '),
  );
});
