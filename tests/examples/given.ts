/** What examples of docstrings take as given: variables with these names, made anew for each example, and files in its folder. */
import { spawn } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import typescript from 'typescript';
import type { KernelGlobals } from '../../kernel/globals.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { ablation, datasets, models, objectives, preference, tf, training, world } from '../../src/index.js';

const village = () => world.createWorld(0);
const model = () => models.fromPretrained('policy');
const pairs = () =>
  preference.collect(world.buildPairs(village(), 'clair', demonstrator('novice'), { count: 16, seed: 0 }));
const demonstrator = (id: world.DemonstratorId) => world.demonstratorResponder(village(), id);
const questions = () => world.hardPrompts(village(), 'test', 4);
const logProbs = (value: number) => tf.tensor1d([value]);

let grid: Promise<ablation.Grid> | undefined;
const makeGrid = () =>
  ablation.runGrid(
    ablation.runSettings({ ...smallRun, objectives: ['dpo', 'apo_zero'], out: path.resolve('results/quick-seed0') }),
    { onEvent: () => undefined },
  );

/** The maker of each variable. */
export const given = {
  village,
  policy: model,
  model,
  base: model,
  small: () => demonstrator('novice'),
  old: () => demonstrator('weakA'),
  stronger: () => demonstrator('expert'),
  judge: () => world.gradedJudge(village()),
  reviser: () => world.minimalReviser(village()),
  prompts: questions,
  questions,
  pairs,
  revised: pairs,
  judged: pairs,
  history: async () => preference.collect(training.train(await model(), await pairs(), { objective: 'dpo' })),
  run: async () => training.train(await model(), await pairs(), { objective: 'dpo' }),
  dpo: async () => preference.collect(training.train(await model(), await pairs(), { objective: 'dpo' })),
  apoZero: async () => preference.collect(training.train(await model(), await pairs(), { objective: 'apo_zero' })),
  /** The same for all: nothing changes it. */
  grid: () => (grid ??= makeGrid()),
  logProbs: () => ({
    policyChosen: logProbs(-40),
    policyRejected: logProbs(-50),
    referenceChosen: logProbs(-50),
    referenceRejected: logProbs(-40),
    chosenTokens: logProbs(6),
    rejectedTokens: logProbs(6),
  }),
  hinge: () =>
    objectives.define({
      id: 'hinge',
      compute: ({ chosenLogRatios, rejectedLogRatios }, { beta }) =>
        tf.relu(tf.sub(1, tf.mul(beta, tf.sub(chosenLogRatios, rejectedLogRatios)))),
    }),
  slider: ({ widgets }: Pick<KernelGlobals, 'widgets'>) => widgets.slider({ label: 'beta', max: 1 }),
  typescript: () => typescript,
  spawn: () => spawn,
  readFile: () => readFile,
};

/** The type of each variable. */
export type Given = { readonly [Name in keyof typeof given]: Awaited<ReturnType<(typeof given)[Name]>> };

/** What makes every grid run small, as options of the command line do. */
export const smallRun = {
  datasets: ['clair'],
  pairCount: 16,
  batchSize: 8,
  epochs: 1,
  evaluationPrompts: 16,
} as const;

/** Fills the current folder, in which examples run, with the files that they name. */
export async function writeFiles(): Promise<void> {
  await cp(path.join(packageRoot, 'datasets'), 'datasets', { recursive: true });
  for (const name of ['policy', 'SmolLM2-135M']) {
    await cp(datasets.miniatureWorld.policy(), name, { recursive: true });
    const file = path.join(name, 'tokenizer_config.json');
    const settings = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...settings, chat_template: "{{ messages[0]['content'] }}" }));
  }
  await models.saveAdapter(models.addAdapter(await model()), 'policy-adapter', 'SmolLM2-135M');
  const all = await pairs();
  for (const name of [
    'pairs.jsonl',
    'pairs.parquet',
    'pairs.csv',
    'pairs.jsonl.gz',
    'train.jsonl',
    'test.jsonl',
    'mine.jsonl',
  ])
    await preference.writePairs(name, all);
  const jsonLines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const unpaired = preference.unpairPairs(all);
  await writeFile('rated.jsonl', jsonLines(unpaired));
  await writeFile('mixed.jsonl', jsonLines([...unpaired, ...all]));
  await writeFile('prompts.jsonl', jsonLines(questions().map((prompt) => ({ prompt }))));
  await writeFile('prompts.txt', `${questions().join('\n')}\n`);
  const instruction = { instruction_id_list: ['punctuation:no_comma'], kwargs: [{}] };
  await writeFile('ifeval.jsonl', jsonLines([{ key: 1, prompt: 'Write a line without commas.', ...instruction }]));
  await writeFile('responses.jsonl', jsonLines([{ key: 1, response: 'No commas here.' }]));
  await ablation.saveGrid(await given.grid());
}
