/** `apolab pretrain`: makes a base policy of the miniature world again, as the files in datasets/miniature-world/. */
import { createProgress } from '../core/progress.js';
import { miniatureWorld } from '../datasets/index.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { parseWholeNumber } from './options/parseValues.js';
import { jsonOption } from './options/sharedOptions.js';

const pretrainOptions = optionTable({
  world: { value: '<seed>', help: 'world to learn', parse: parseWholeNumber, default: 0 },
  steps: { value: '<count>', help: 'steps of 64 examples', parse: parseWholeNumber, default: 2000 },
  out: { value: '<folder>', help: 'where to save it', shownDefault: 'its place in datasets/' },
  ...jsonOption,
});

/** The command, for the table of commands. */
export const pretrainCommand = () =>
  defineCommand({
    name: 'pretrain',
    description: "pretrain a base policy of the miniature world with the project's own trainer",
    options: pretrainOptions,
    examples: ['npx apolab pretrain --world 0 --out my-policy'],
    run: pretrain,
  });

async function pretrain({ world: seed, out, steps, json }: OptionsOf<typeof pretrainOptions>) {
  // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
  const [{ useBackend }, village] = await Promise.all([
    import('../tensor/index.js'),
    import('../worlds/village/index.js'),
  ]);
  await useBackend();
  const world = village.createWorld(seed);
  const policy = village.untrainedPolicy(world.seed);
  const progress = createProgress(`pretraining on world ${world.seed}`, steps);
  let last = Number.NaN;
  for await (const { step, loss } of village.pretrain(policy, world, { steps, seed: world.seed })) {
    last = loss;
    progress.update(step, `loss ${loss.toFixed(3)}`);
  }
  progress.finish(`loss ${last.toFixed(3)}`);
  const prompts = village.hardPrompts(world, 'validation', 320);
  const result = village.score(world, prompts, await policy.generate(prompts));
  const folder = out ?? miniatureWorld.policy(world.seed);
  await policy.save(folder);
  const report = { world: world.seed, folder, loss: last, validationScore: result.score };
  if (json) console.log(JSON.stringify(report, null, 2));
  else {
    console.log(`Saved ${folder}; ${result.score.toFixed(1)} % of ${prompts.length} hard validation prompts right.`);
  }
}
