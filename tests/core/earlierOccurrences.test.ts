import { expect, it } from 'vitest';
import { earlierOccurrences } from '../../src/core/earlierOccurrences.js';

it('earlierOccurrences counts equal items before each item', () => {
  expect(earlierOccurrences(['a', 'b', 'a', 'a'])).toEqual([0, 0, 1, 2]);
  expect(earlierOccurrences([{ id: 1 }, { id: 1 }], ({ id }) => String(id))).toEqual([0, 1]);
});
