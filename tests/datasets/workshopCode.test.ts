/** The workshop set's code runs: what revisions and stronger answers define does what the prompt asks, the policy's does not. */
import { spawnSync } from 'node:child_process';
import { runInThisContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { workshop } from '../../src/datasets/index.js';
import type { WorkshopRow } from '../../src/datasets/workshop.js';

const codeRows = workshop.rows().filter(({ task }) => task === 'code');

/** Blocks of code in a text, joined: `blocks(text, 'ts')`. */
const blocks = (text: string, language: string) =>
  [...text.matchAll(/```(\w+)\n(.*?)```/gs)]
    .filter(([, tag]) => tag === language)
    .map(([, , code]) => code!)
    .join('\n');

/** What the named function of a text's TypeScript does; its types go, it runs in this process. */
function functionOf(text: string, name: string): unknown {
  const code = ts.transpile(blocks(text, 'ts'), { target: ts.ScriptTarget.ES2022 });
  return runInThisContext(`(() => { ${code}\nreturn ${name}; })()`);
}

/** Whether assertions hold after a text's Python. */
function pythonHolds(text: string, assertions: string): boolean {
  const code = `${blocks(text, 'python')}\n${assertions}`;
  const { status, error } = spawnSync('python3', ['-I', '-c', code], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return status === 0;
}

/** What each task asks for, by its id: whether the code of an answer does it. */
const does: Readonly<Record<string, (answer: string) => boolean>> = {
  'code-1': (answer) => {
    const median = functionOf(answer, 'median') as (numbers: number[]) => number;
    const given = [10, 9, 1, 100];
    const results = [median(given), median([5, 1, 10]), median([7]), median([-2, -10, 3])];
    return same(results, [9.5, 5, 7, -2]) && same(given, [10, 9, 1, 100]);
  },
  'code-2': (answer) => {
    const isPalindrome = functionOf(answer, 'isPalindrome') as (text: string) => boolean;
    const results = ['A man, a plan, a canal: Panama!', 'Νίψον', 'No lemon, no melon', 'ab', '12 3 21'].map(isPalindrome);
    return same(results, [true, false, true, false, true]);
  },
  'code-3': (answer) => {
    const chunk = functionOf(answer, 'chunk') as (items: number[], size: number) => number[][];
    const results = [chunk([1, 2, 3, 4, 5], 2), chunk([1, 2, 3, 4], 2), chunk([], 3), chunk([1], 3)];
    return same(results, [[[1, 2], [3, 4], [5]], [[1, 2], [3, 4]], [], [[1]]]);
  },
  'code-4': (answer) => {
    const countWords = functionOf(answer, 'countWords') as (text: string) => Record<string, number>;
    const results = [countWords('The cat\n saw the  Constructor'), countWords('  ')];
    return same(results, [{ the: 2, cat: 1, saw: 1, constructor: 1 }, {}]);
  },
  'code-5': (answer) =>
    pythonHolds(
      answer,
      'assert fizzbuzz(15) == [1, 2, "Fizz", 4, "Buzz", "Fizz", 7, 8, "Fizz", "Buzz", 11, "Fizz", 13, 14, "FizzBuzz"]\n' +
        'assert fizzbuzz(0) == []',
    ),
  'code-6': (answer) =>
    pythonHolds(
      answer,
      'before = add_item("a")\nassert before == ["a"] and add_item("b") == ["b"]\n' +
        'empty = []\nassert add_item("c", empty) is empty and empty == ["c"]',
    ),
};

/** Equal as JSON, so that an object without a prototype equals one with. */
function same(actual: unknown, expected: unknown): boolean {
  return JSON.stringify(actual) === JSON.stringify(expected);
}

describe.each(codeRows)('$id', ({ id, ...row }) => {
  const holds = (column: keyof WorkshopRow) => does[id]!(row[column as keyof typeof row] as string);

  it('is solved by the revision and by the stronger answer', () => {
    expect(holds('revision')).toBe(true);
    expect(holds('stronger')).toBe(true);
  });

  it("is not solved by the policy's first answer", () => {
    expect(holds('policy')).toBe(false);
  });
});

it('covers every code prompt', () => {
  expect(Object.keys(does).sort()).toEqual(codeRows.map(({ id }) => id).sort());
});
