/** The catalog as data: names, options, and that it loads no TensorFlow. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { catalog, findObjectiveId, isObjectiveId, objectiveIds } from '../../src/objectives/catalog.js';
import { findObjective, objectives } from '../../src/objectives/index.js';
import { objectiveOptions } from '../../src/objectives/objectiveOptions.js';

describe("TRL's names", () => {
  // Every loss_type of TRL 1.16's DPOTrainer, KTOTrainer and CPOTrainer that has an objective here.
  const aliases = {
    sigmoid: 'dpo',
    sigmoid_norm: 'dpo_norm',
    robust: 'robust_dpo',
    ipo: 'ipo',
    bco_pair: 'bco_pair',
    apo_zero: 'apo_zero',
    apo_down: 'apo_down',
    sft: 'sft',
    kto: 'kto',
    apo_zero_unpaired: 'apo_zero_unpaired',
    simpo: 'simpo',
    orpo: 'orpo',
  } as const;

  it.each(Object.entries(aliases))('%s finds %s', (name, id) => {
    expect(findObjectiveId(name)).toBe(id);
    expect(findObjective(name)).toBe(objectives[id]);
  });

  it('are all in that list', () => {
    const names = objectiveIds.map((id) => (catalog[id] as { trlName?: string }).trlName);
    expect(new Set(names.filter((name) => name !== undefined))).toEqual(new Set(Object.keys(aliases)));
  });

  it('never take the id of another objective', () => {
    for (const id of objectiveIds) expect(findObjectiveId(id)).toBe(id);
    for (const name of ['toString', 'SIGMOID', '']) {
      expect(findObjectiveId(name)).toBeUndefined();
      expect(isObjectiveId(name)).toBe(false);
    }
  });
});

describe('options', () => {
  it('are the defaults, replaced by what is given', () => {
    expect(objectiveOptions(catalog.simpo, {})).toEqual(catalog.simpo.defaults);
    expect(objectiveOptions(objectives.simpo, { gamma: 0.5 })).toEqual({ ...catalog.simpo.defaults, gamma: 0.5 });
    expect(objectiveOptions(catalog.dpo, { beta: 0.3, gamma: undefined })).toEqual({ beta: 0.3, labelSmoothing: 0 });
  });

  it('that the objective does not read are refused', () => {
    expect(() => objectiveOptions(catalog.apo_zero, { labelSmoothing: 0.1 })).toThrow(
      "'labelSmoothing' is not a known option of APO-zero. Known: beta.",
    );
    expect(() => objectiveOptions(catalog.kto, { penaltyWeight: 0 })).toThrow(
      /'penaltyWeight' is not a known option of KTO.*Known: beta, desirableWeight, undesirableWeight\./,
    );
  });
});

test('importing the catalog loads one file, and no TensorFlow', () => {
  // The hook prints the address of each module that the child process loads.
  const hook = `import { writeSync } from 'node:fs';
    export const load = (url, context, next) => (writeSync(1, url + '\\n'), next(url, context));`;
  const script = `import { register } from 'node:module';
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});
    const { catalog } = await import('apolab/objectives/catalog');
    console.log(Object.keys(catalog).join());`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  const lines = stdout.trimEnd().split('\n');
  expect(stderr).toBe('');
  expect(lines.slice(0, -1).map((url) => path.basename(url))).toEqual(['catalog.js']);
  expect(lines.at(-1)).toBe(objectiveIds.join());
});
