/** `apolab clair`: a strong model minimally revises the student's responses. */
import type { Command } from 'commander';
import { buildCommand, type BuildFlags, buildPairsFile, highestOption, lowestOption } from './buildPairs.js';

interface Flags extends BuildFlags {
  readonly judge?: string;
  readonly lowest: number;
  readonly highest: number;
}

export function clairCommand(): Command {
  return buildCommand('clair', "pairs of the student's response and its minimal revision (CLAIR)", 'the reviser')
    .option('--judge <name>', 'keep a revision only where this model, at the same server, scores it above the response')
    .addOption(lowestOption())
    .addOption(highestOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx apolab clair --prompts prompts.jsonl --out clair.jsonl --base-url http://localhost:8000/v1 --model my-model --concurrency 32',
    )
    .action((flags: Flags) =>
      buildPairsFile(flags, ({ preference, model, another, policy, options }) => {
        const { template, temperature, maxTokens, judge, lowest, highest } = flags;
        const reviser = preference.promptedReviser(model, {
          maxTokens,
          ...(template === undefined ? {} : { template: preference.loadTemplate('revise', template) }),
          ...(temperature === undefined ? {} : { temperature }),
        });
        if (judge === undefined) return preference.clair({ ...options, policy, reviser });
        const judging = preference.promptedJudge(another(judge), { scale: { lowest, highest } });
        return preference.clair({ ...options, policy, reviser, judge: judging });
      }),
    );
}
