import { expect, it } from 'vitest';
import { UnknownNameError } from '../../src/core/errors.js';
import { nearestName } from '../../src/core/nearestName.js';

const known = ['dpo', 'apo_zero', 'time', 'timeit'] as const;

it.each([
  ['apo-zero', 'apo_zero'],
  ['APO zero', 'apo_zero'],
  ['tiem', 'time'],
  ['timeitt', 'timeit'],
  ['dpo', 'dpo'],
  ['zzzzzz', undefined],
] as const)('the name nearest to %s is %s', (given, nearest) => {
  expect(nearestName(given, known)).toBe(nearest);
});

it('the error for an unknown name proposes the nearest one and lists all', () => {
  expect(new UnknownNameError('objective', 'dpoo', known).message).toBe(
    "'dpoo' is not a known objective; did you mean 'dpo'? Known: dpo, apo_zero, time, timeit.",
  );
  expect(new UnknownNameError('objective', 'zzzzzz', known).message).toBe(
    "'zzzzzz' is not a known objective. Known: dpo, apo_zero, time, timeit.",
  );
});
