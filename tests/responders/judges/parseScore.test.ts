/** Completions of judges, each with the score or verdict that a person would read. */
import { describe, expect, it } from 'vitest';
import { parseScore } from '../../../src/responders/judges/parseScore.js';
import { parseVerdict, type Verdict } from '../../../src/responders/judges/parseVerdict.js';
import { createRandom } from '../../../src/core/random.js';

const skipped = (reason: string) => ({ kind: 'skipped', reason });

describe('a score', () => {
  it.each([
    ['Score: 7', 7],
    ['score = 7.', 7],
    ['{score}: 7', 7],
    ['{score} 7', 7],
    ['{score}: **7**', 7],
    ['**Rating: 7**', 7],
    ['**Score**: 7/10', 7],
    ['**Score:** 7 / 10', 7],
    ['# Final score: 7', 7],
    ['- Overall rating: 7 out of 10', 7],
    ['Score (1-10): 7', 7],
    ['Score out of 10: 7', 7],
    ['Grade: 7 (good)', 7],
    ['7', 7],
    ['**7**', 7],
    ['[[7]]', 7],
    ['Rating: [[7]]', 7],
    ['7/10', 7],
    ['8 out of 10', 8],
    ['I would call this 8/10, all in all.', 8],
    ['My score is 8 here.', 8],
    ['It is 3/4 right, so 8/10 it is.', 8],
    ['It deserves a rating of 8 from me.', 8],
    ['Score: 7.5', 7.5],
    ['Score: 7,5', 7.5],
    ['{"score": 7}', 7],
    ['{"rating": "7"}', 7],
    ['```json\n{ "score": 7 }\n```', 7],
    ['Score: 10', 10],
    ['Score: 1', 1],
    ['SCORE: 7\r\n', 7],
    ['Score: 7\n\nFinal score: 7/10', 7],
    ['Half of it is right, 3/4 is clear.\nScore: 7', 7],
    ['Clarity 6/10, facts 9/10.\n{score}: 8', 8],
    ['Clarity score: 6\nScore: 7', 7],
    ['<think>Score: 3? No.</think>\nScore: 7', 7],
  ])('%j is %d', (completion, score) => expect(parseScore(completion)).toMatchObject({ kind: 'score', score }));

  it.each([
    ['', 'the completion is empty'],
    ['A fine answer.', 'no score: expected a last line such as {score}: 10'],
    ['Score: seven', 'no score: expected a last line such as {score}: 10'],
    ['Score: 1,000', 'no score: expected a last line such as {score}: 10'],
    ['<think>Score: 7', 'no score: expected a last line such as {score}: 10'],
    ['Score: 0', 'the score 0 is not on the scale from 1 to 10'],
    ['Score: 11', 'the score 11 is not on the scale from 1 to 10'],
    ['Score: -3', 'the score -3 is not on the scale from 1 to 10'],
    ['11/10', 'the score 11 is not on the scale from 1 to 10'],
    ['{"score": 70}', 'the score 70 is not on the scale from 1 to 10'],
    ['Score: 4/5', 'the score 4 is out of 5, but the scale goes from 1 to 10'],
    ['4/5', 'the score 4 is out of 5, but the scale goes from 1 to 10'],
    ['Score: 7-8', 'the score 7 is a range or a percentage: expected one number from 1 to 10'],
    ['Score: 7 to 8', 'the score 7 is a range or a percentage: expected one number from 1 to 10'],
    ['Score: 7%', 'the score 7 is a range or a percentage: expected one number from 1 to 10'],
    ['Score: 6\nWell...\nScore: 8', 'several different scores: 6 (line 1), 8 (line 3)'],
    ['Clarity 6/10, facts 9/10.', 'several different scores: 6 (line 1), 9 (line 1)'],
  ])('%j has none', (completion, reason) => expect(parseScore(completion)).toEqual(skipped(reason)));

  it('must be on the given scale', () => {
    const scale = { lowest: 0, highest: 100 };
    expect(parseScore('Score: 70', scale)).toMatchObject({ score: 70 });
    expect(parseScore('70/100', scale)).toMatchObject({ score: 70 });
    expect(parseScore('Score: 7/10', scale)).toEqual(
      skipped('the score 7 is out of 10, but the scale goes from 0 to 100'),
    );
    expect(parseScore('Score: -0.5', { lowest: -1, highest: 1 })).toMatchObject({ score: -0.5 });
  });

  it('has the words around it as its reason', () => {
    expect(parseScore('Right.\nBut dry.\n\n{score}: 7\n')).toEqual({
      kind: 'score',
      score: 7,
      reason: 'Right.\nBut dry.',
    });
    expect(parseScore('{score}: 7\nIt is dry.')).toEqual({ kind: 'score', score: 7, reason: 'It is dry.' });
    expect(parseScore('All in all 7/10 for it.')).toEqual({
      kind: 'score',
      score: 7,
      reason: 'All in all 7/10 for it.',
    });
    expect(parseScore('{"why": "dry", "score": 7}')).toEqual({ kind: 'score', score: 7, reason: 'dry' });
  });
});

describe('a verdict', () => {
  it.each<[string, Verdict]>([
    ['{verdict}: A', 'A'],
    ['{verdict}: b', 'B'],
    ['{verdict}: tie', 'tie'],
    ['Verdict: Answer A', 'A'],
    ['**Winner: B**', 'B'],
    ['**Verdict:** Response B is better.', 'B'],
    ['Winner: neither', 'tie'],
    ['Better answer: A', 'A'],
    ['# Final verdict: {B}', 'B'],
    ['[[A]]', 'A'],
    ['My verdict: [[B]]', 'B'],
    ['[[C]]', 'tie'],
    ['A', 'A'],
    ['**B**.', 'B'],
    ['Answer B', 'B'],
    ['{"verdict": "B", "why": "A is wrong"}', 'B'],
    ['A is better in places, B in others.\n{verdict}: B', 'B'],
    ['On style the winner: A\n{verdict}: B', 'B'],
    ['<think>\n{verdict}: A\n</think>\n{verdict}: B', 'B'],
    ['Verdict: A\n\nFinal verdict: A', 'A'],
  ])('%j is %s', (completion, verdict) => expect(parseVerdict(completion)).toMatchObject({ kind: 'verdict', verdict }));

  const none = 'no verdict: expected a last line such as {verdict}: A (or B, or tie)';
  it.each([
    ['', 'the completion is empty'],
    ['A fine pair of answers.', none],
    ['Verdict: A fine pair of answers.', none],
    ['The verdict: both have merits, but A more.', none],
    ['{verdict}: D', none],
    ['{verdict}: A\nNo:\n{verdict}: B', 'different verdicts: A (line 1), B (line 3)'],
  ])('%j has none', (completion, reason) => expect(parseVerdict(completion)).toEqual(skipped(reason)));

  it('has the words around it as its reason', () =>
    expect(parseVerdict('A is off.\n{verdict}: B')).toEqual({ kind: 'verdict', verdict: 'B', reason: 'A is off.' }));
});

describe('random texts', () => {
  const pieces = [
    'Score: ',
    '{score}',
    '7',
    '11',
    '/10',
    ' out of 10',
    '%',
    '-',
    '\n',
    '**',
    '{verdict}: ',
    'A',
    'B',
    'tie',
  ];
  const more = ['[[', ']]', '"score": ', '{', '}', '<think>', '</think>', ' is ', '.', ',', '🙂', '\ud83d', ' words '];

  it('give a result or a reason', () => {
    const kinds: Record<string, number> = { score: 0, verdict: 0, skipped: 0 };
    for (let seed = 0; seed < 5000; seed++) {
      const random = createRandom(seed, 'fuzz');
      const text = Array.from({ length: random.integer(12) }, () => random.pick([...pieces, ...more])).join('');
      for (const parsed of [parseScore(text), parseVerdict(text)]) {
        kinds[parsed.kind]! += 1;
        if (parsed.kind === 'skipped') expect(parsed.reason).not.toBe('');
        if (parsed.kind === 'score') expect(text.replaceAll(',', '.')).toContain(String(parsed.score));
        if (parsed.kind === 'verdict') expect(['A', 'B', 'tie']).toContain(parsed.verdict);
      }
    }
    expect(Math.min(...Object.values(kinds))).toBeGreaterThan(50);
  });

  it.each([
    'Score: ',
    'score 7 ',
    'Score: 7\n',
    '7/10 ',
    '7',
    '[[7]] ',
    ' ',
    '\n',
    '{verdict}: A\n',
    'verdict ',
    '[[A]]',
    '{',
  ])('a million characters of %j take no more than linear time', (piece) => {
    const text = piece.repeat(Math.ceil(2 ** 20 / piece.length));
    for (const completion of [text, `${text}\nScore: 7`, `Score: 7\n${text}`]) {
      expect(['score', 'skipped']).toContain(parseScore(completion).kind);
      expect(['verdict', 'skipped']).toContain(parseVerdict(completion).kind);
    }
  });
});
