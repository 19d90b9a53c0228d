/** A new objective is one file and one row: grid settings, help, charts and docs have it then without another change. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/packageRoot.js';
import { errorsIn, withRow } from './program.js';

const file = `/** The squared distance of the margin from 1: made up for a test. */
import { tf } from '../../tensor/index.js';
import type { Objective } from '../objective.js';
import { rewardMargins, rewards } from './rewards.js';

export const squaredMargin: Objective = (logProbs, options) => ({
  losses: tf.square<tf.Tensor1D>(tf.sub<tf.Tensor1D>(rewardMargins(logProbs, options), 1)),
  ...rewards(logProbs, options),
});

declare module '../objective.js' {
  interface ObjectiveFunctions {
    readonly squared_margin: typeof squaredMargin;
  }
}
`;

const row = `  squared_margin: {
    ...plain,
    load: async () => (await import('./compute/squaredMargin.js')).squaredMargin,
    label: 'Squared margin',
    color: '#123456',
    formula: '(r_w - r_l - 1)^2',
    source: 'a test',
    whenToUse: 'In a test only.',
    defaults: { beta: 0.1 },
  }`;

const catalogFile = 'src/objectives/catalog.ts';
const catalog = withRow(readFileSync(path.join(packageRoot, catalogFile), 'utf8'), 'catalog', row);
const changes = { 'src/objectives/compute/squaredMargin.ts': file, [catalogFile]: catalog };

describe('an objective in one file and one row', () => {
  it('compiles, and neither the file nor the row compiles without the other', () => {
    const touched = [...Object.keys(changes), 'src/objectives/index.ts', 'src/ablation/run/runSettings.ts'];
    expect(errorsIn(touched, changes)).toEqual([]);
    const withoutIts = (name: keyof typeof changes) =>
      errorsIn([catalogFile], Object.fromEntries(Object.entries(changes).filter(([each]) => each !== name)));
    expect(withoutIts(catalogFile).join('\n')).toContain('squared_margin');
    expect(withoutIts('src/objectives/compute/squaredMargin.ts').join('\n')).toContain('squaredMargin');
  });

  const folder = mkdtempSync(path.join(tmpdir(), 'apolab-objective-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(() => {
    for (const name of ['package.json', 'src/setup', 'datasets', 'notebooks'])
      cpSync(path.join(packageRoot, name), path.join(folder, name), { recursive: true });
    symlinkSync(path.join(packageRoot, 'node_modules'), path.join(folder, 'node_modules'));
    const sources = readdirSync(path.join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [`src/${name}`, readFileSync(path.join(packageRoot, 'src', name), 'utf8')] as const);
    for (const [name, text] of [...sources, ...Object.entries(changes)]) {
      const place = path.join(folder, 'dist', name.replace(/\.ts$/, '.js'));
      mkdirSync(path.dirname(place), { recursive: true });
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      writeFileSync(place, ts.transpileModule(text, { compilerOptions, fileName: name }).outputText);
    }
  });

  /** What a module that logs JSON logs, run in the changed copy. */
  const run = (code: string): unknown =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, APOLAB_BACKEND: 'wasm' },
      }),
    );

  it('is a column that the grid can have', () => {
    const { objectives } = run(`
      import { runSettings } from './dist/src/ablation/run/runSettings.js';
      console.log(JSON.stringify(runSettings({ objectives: ['squared_margin'], learningRates: { squared_margin: 1e-4 } })));
    `) as { objectives: string[] };
    expect(objectives).toEqual(['squared_margin']);
  });

  it('is drawn in its own colour, under its own name', () => {
    const { data } = run(`
      import { scoreCurves } from './dist/src/charts/index.js';
      const cell = { dataset: 'clair', objective: 'squared_margin', seed: 0, baseScore: 50, scores: [60], maxChange: 10, meanChange: 10, history: [] };
      const grid = { run: { datasets: ['clair'], objectives: ['squared_margin'] }, base: { score: 50 }, cells: [cell] };
      console.log(JSON.stringify(scoreCurves(grid)));
    `) as { data: { name: string; line: { color: string } }[] };
    expect(data.map(({ name, line }) => [name, line.color])).toEqual([['Squared margin', '#123456']]);
  });

  it.each(['train', 'reproduce'])('is in the help of apolab %s', (command) => {
    const text = execFileSync(
      process.execPath,
      ['-e', `import('./dist/src/cli.js').then(({ main }) => main(['${command}', '--help']))`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(text).toContain('squared_margin');
  });

  it('is in the reference page', () => {
    const page = run(`
      import { objectiveReference } from './dist/src/objectives/reference.js';
      console.log(JSON.stringify(objectiveReference()));
    `);
    expect(page).toContain('## `squared_margin`: Squared margin');
  });

  it('computes and trains', () => {
    const losses = run(`
      import { models, training, datasets, useBackend } from './dist/src/index.js';
      await useBackend();
      const model = await models.fromPretrained(datasets.miniatureWorld.policy());
      const pairs = [{ prompt: 'price of apple ?', chosen: ' 3', rejected: ' 4' }];
      const losses = [];
      for await (const { loss } of training.train(model, pairs, { objective: 'squared_margin', epochs: 2 })) losses.push(loss);
      console.log(JSON.stringify(losses));
    `) as number[];
    expect(losses[0]).toBeCloseTo(1, 6);
    expect(losses[1]).toBeLessThan(1);
  });
});
