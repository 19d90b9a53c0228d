/** `apolab clair`: a strong model minimally revises the policy's responses. */
import { buildOptions, scaleOptions } from './buildPairs/options.js';
import { buildPairsFile } from './buildPairs/buildPairsFile.js';
import { defineCommand } from './options/defineCommand.js';

/** The command, for the table of commands. */
export const clairCommand = () =>
  defineCommand({
    name: 'clair',
    description: "build pairs of the policy's response and its minimal revision (CLAIR)",
    options: {
      ...buildOptions('the reviser'),
      judge: {
        value: '<name>',
        help: 'keep a revision only if this model, at the same server, scores it above the response',
      },
      ...scaleOptions,
    },
    examples: [
      'npx apolab clair --prompts prompts.jsonl --out clair.jsonl --base-url http://localhost:8000/v1 --model my-model --concurrency 32',
    ],
    run: (flags) =>
      buildPairsFile(flags, ({ preference, model, openModel, policy, options }) => {
        const { template, temperature, maxTokens, judge, lowest, highest } = flags;
        const reviser = preference.promptedReviser(model, {
          maxTokens,
          ...(template === undefined ? {} : { template: preference.loadTemplate('revise', template) }),
          ...(temperature === undefined ? {} : { temperature }),
        });
        if (judge === undefined) return preference.clair({ ...options, policy, reviser });
        const judging = preference.promptedJudge(openModel(judge), { scale: { lowest, highest } });
        return preference.clair({ ...options, policy, reviser, judge: judging });
      }),
  });
