/** `apolab stronger`: a stronger model's response is preferred to the policy's. */
import { ApolabError } from '../core/errors.js';
import type { Responder } from '../preference.js';
import { buildPairsFile } from './buildPairs/buildPairsFile.js';
import { buildOptions } from './buildPairs/options.js';
import { defineCommand } from './options/defineCommand.js';

/** The command, for the table of commands. */
export const strongerCommand = () =>
  defineCommand({
    name: 'stronger',
    description: "build pairs of a stronger model's response and the policy's",
    options: buildOptions('the stronger model'),
    examples: [
      'npx apolab stronger --prompts prompts.jsonl --out stronger.jsonl --model my-strong-model --policy my-model-folder',
    ],
    run: (flags) =>
      buildPairsFile(flags, ({ preference, model, policy, options }) => {
        const { template, temperature = flags.policyTemperature, maxTokens } = flags;
        if (template !== undefined) {
          throw new ApolabError('A stronger model gets the prompt itself: leave --template out.');
        }
        const stronger: Responder = {
          name: model.name,
          concurrency: model.concurrency,
          respond: (prompts, asking) => model.respond(prompts, { ...asking, temperature, maxTokens }),
        };
        return preference.strongerPreferred({ ...options, policy, stronger });
      }),
  });
