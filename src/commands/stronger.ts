/** `apolab stronger`: a stronger model's response is preferred to the student's. */
import type { Command } from 'commander';
import { ApolabError } from '../core/errors.js';
import type { Responder } from '../preference.js';
import { buildCommand, type BuildFlags, buildPairsFile } from './buildPairs.js';

export function strongerCommand(): Command {
  return buildCommand('stronger', "pairs of the student's response and a stronger model's", 'the stronger model')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx apolab stronger --prompts prompts.jsonl --out stronger.jsonl --model my-strong-model --policy my-model-folder',
    )
    .action((flags: BuildFlags) =>
      buildPairsFile(flags, ({ preference, model, policy, options }) => {
        const { template, temperature = flags.policyTemperature, maxTokens } = flags;
        if (template !== undefined)
          throw new ApolabError('A stronger model is asked the prompt itself: leave --template out.');
        const stronger: Responder = {
          name: model.name,
          concurrency: model.concurrency,
          respond: (prompts, asking) => model.respond(prompts, { ...asking, temperature, maxTokens }),
        };
        return preference.strongerPreferred({ ...options, policy, stronger });
      }),
    );
}
