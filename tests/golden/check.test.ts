/** The comparison of `npm run golden -- --check`, run by the Python that set-up would use. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { findPython } from '../../src/setup/python.mjs';
import { goldenFolder } from './read.js';

/** The differences that check.py reports between two JSON values, with tolerances 1e-3 relative and 1e-6 absolute. */
function compare(committed: unknown, made: unknown): string[] {
  const script = `
import json, sys
from check import Generator, compare
committed, made = json.load(sys.stdin)
print(json.dumps(list(compare(committed, made, Generator("any.py", ("any.json",), 1e-3, 1e-6)))))`;
  const { stdout, stderr } = spawnSync(findPython().executable, ['-B', '-c', script], {
    cwd: goldenFolder,
    input: JSON.stringify([committed, made]),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}

describe('the comparison of golden files', () => {
  const committed = { versions: { torch: '2.13.0' }, ids: [1, 2, 3], loss: [0.5, 1000.5, 0], name: 'tiny', cut: false };

  test('ignores other versions and numbers within the tolerance', () => {
    const made = { ...committed, versions: { torch: '3' }, loss: [0.5004, 1001.4, 9e-7] };
    expect(compare(committed, made)).toEqual([]);
  });

  test('reports a number outside the tolerance, and any other difference', () => {
    expect(compare(committed, { ...committed, loss: [0.502, 1000.5, 2e-6] })).toEqual([
      'loss[0] is 0.502, not 0.5',
      'loss[2] is 2e-06, not 0',
    ]);
    expect(compare(committed, { ...committed, ids: [1, 2, 4] })).toEqual(['ids[2] is 4, not 3']);
    expect(compare(committed, { ...committed, ids: [1, 2] })).toEqual(['ids has 2 items, not 3']);
    expect(compare(committed, { ...committed, name: 'small', cut: null })).toEqual([
      'cut is null, not false',
      'name is "small", not "tiny"',
    ]);
    expect(compare({ old: 1 }, { new: 1 })).toEqual(['new is new', 'old is no longer there']);
  });
});

test("every golden file belongs to a generator of check.py's table or is written by hand", () => {
  const script = 'import json, check; print(json.dumps(check.ownerless()))';
  const { stdout, stderr } = spawnSync(findPython().executable, ['-B', '-c', script], {
    cwd: goldenFolder,
    encoding: 'utf8',
  });
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '[]', stderr: '' });
});
