/** `apolab pretrain`: makes the miniature world's base policies anew, the files in datasets/miniature-world/. */
import { Command } from 'commander';
import { miniatureWorld } from '../datasets/index.js';
import { createProgress } from '../core/progress.js';

interface Options {
  readonly world: string;
  readonly out?: string;
  readonly steps: string;
  readonly json?: true;
}

export function pretrainCommand(): Command {
  return new Command('pretrain')
    .description("pretrain a base policy of the miniature world with the project's own trainer")
    .option('--world <seed>', 'world to learn', '0')
    .option('--steps <count>', 'steps of 64 examples', '2000')
    .option('--out <folder>', 'where to save it (default: its place in datasets/)')
    .option('--json', 'report as JSON')
    .addHelpText('after', '\nExample:\n  $ npx apolab pretrain --world 0 --out my-policy')
    .action(async ({ world: worldSeed, out, steps, json }: Options) => {
      // Loaded here, so that `apolab --help` does not wait for TensorFlow.js.
      const [{ useBackend }, { createWorld, hardPrompts, pretrain, score, untrainedPolicy }] = await Promise.all([
        import('../tensor/index.js'),
        import('../worlds/village/index.js'),
      ]);
      await useBackend();
      const world = createWorld(Number(worldSeed));
      const policy = untrainedPolicy(world.seed);
      const progress = createProgress(`pretraining on world ${world.seed}`, Number(steps));
      let last = Number.NaN;
      for await (const { step, loss } of pretrain(policy, world, { steps: Number(steps), seed: world.seed })) {
        last = loss;
        progress.update(step, `loss ${loss.toFixed(3)}`);
      }
      progress.finish(`loss ${last.toFixed(3)}`);
      const prompts = hardPrompts(world, 'validation', 320);
      const result = score(world, prompts, await policy.generate(prompts));
      const folder = out ?? miniatureWorld.policy(world.seed);
      await policy.save(folder);
      const report = { world: world.seed, folder, loss: last, validationScore: result.score };
      if (json) console.log(JSON.stringify(report, null, 2));
      else
        console.log(
          `Saved ${folder}; ${result.score.toFixed(1)} % of ${prompts.length} hard validation prompts right.`,
        );
    });
}
