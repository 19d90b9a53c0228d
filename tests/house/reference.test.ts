/** Pages that are written from a table hold what the table holds. To write them again: `npx vitest run tests/house -u`. */
import { expect, it } from 'vitest';
import { objectiveReference } from '../../src/objectives/reference.js';

it('src/objectives/README.md is the catalog of objectives', async () => {
  await expect(objectiveReference()).toMatchFileSnapshot('../../src/objectives/README.md');
});
