/** `apolab judge`: a judge prefers one of several responses, the student's own (on-policy) or other models' (off-policy). */
import type { Command } from 'commander';
import { ApolabError } from '../core/errors.js';
import type { JudgeLike } from '../preference.js';
import {
  buildCommand,
  type BuildFlags,
  buildPairsFile,
  highestOption,
  lowestOption,
  type Parts,
} from './buildPairs.js';
import { number, positiveWholeNumber, repeated } from './options.js';

interface Flags extends BuildFlags {
  readonly responder?: readonly string[];
  readonly alsoJudge?: readonly string[];
  readonly samples: number;
  readonly leastMargin: number;
  readonly pairwise?: true;
  readonly lowest: number;
  readonly highest: number;
}

export function judgeCommand(): Command {
  return buildCommand('judge', "pairs of the better and the worse response, by a judge's scores", 'the judge')
    .option('--responder <name>', 'a model that answers in place of the student; twice or more', repeated)
    .option('--also-judge <name>', 'a further judge at the same server; scores are averaged (repeatable)', repeated)
    .option(
      '--samples <count>',
      'responses of the student a prompt: the best against the worst',
      positiveWholeNumber,
      2,
    )
    .option('--least-margin <score>', 'scores that lie closer are a near-tie and give no pair', number, 0)
    .option('--pairwise', 'compare two responses at a time, in both orders, in place of scoring each alone')
    .addOption(lowestOption())
    .addOption(highestOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx apolab judge --prompts prompts.jsonl --out judged.jsonl --base-url http://localhost:8000/v1 --model judge --policy student',
    )
    .action((flags: Flags) =>
      buildPairsFile(flags, async (parts) => {
        const { preference, student, policy, options } = parts;
        const judge = judgeFrom(flags, parts);
        const { responder: names = [], samples, leastMargin } = flags;
        if ((flags.policy === undefined) === names.length < 2) {
          throw new ApolabError('Give --policy, whose samples are judged, or --responder twice or more.');
        }
        if (names.length === 0) return preference.judgeOnPolicy({ ...options, policy, judge, samples, leastMargin });
        const responders = await Promise.all(names.map(student));
        return preference.judgeOffPolicy({ ...options, responders, judge, leastMargin });
      }),
    );
}

function judgeFrom(flags: Flags, { preference, model, another }: Parts): JudgeLike {
  const { template: file, temperature, maxTokens, lowest, highest, pairwise, alsoJudge = [] } = flags;
  const common = { maxTokens, ...(temperature === undefined ? {} : { temperature }) };
  if (pairwise === true) {
    if (alsoJudge.length > 0) throw new ApolabError('--also-judge goes with scores, not with --pairwise.');
    return preference.pairwiseJudge(model, {
      ...common,
      ...(file === undefined ? {} : { template: preference.loadTemplate('compare', file) }),
    });
  }
  const judges = [model, ...alsoJudge.map(another)].map((endpoint) =>
    preference.promptedJudge(endpoint, {
      ...common,
      scale: { lowest, highest },
      ...(file === undefined ? {} : { template: preference.loadTemplate('score', file) }),
    }),
  );
  return judges.length === 1 ? judges[0]! : preference.ensembleJudge(judges);
}
