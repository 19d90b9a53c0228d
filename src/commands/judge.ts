/** `apolab judge`: a judge prefers one of several responses, the policy's own (on-policy) or other models' (off-policy). */
import { ApolabError } from '../core/errors.js';
import type { JudgeLike } from '../preference.js';
import { buildPairsFile, type Parts } from './buildPairs/buildPairsFile.js';
import { buildOptions, scaleOptions } from './buildPairs/options.js';
import { defineCommand } from './options/defineCommand.js';
import { type OptionsOf, optionTable } from './options/optionTable.js';
import { parseCount, parseNumber } from './options/parseValues.js';

const judgeOptions = optionTable({
  ...buildOptions('the judge'),
  responder: {
    value: '<name>',
    help: 'a model that answers in place of the policy; give two or more',
    repeatable: true,
  },
  alsoJudge: {
    value: '<name>',
    help: 'another judge at the same server; scores are averaged (repeatable)',
    repeatable: true,
  },
  samples: {
    value: '<count>',
    help: "the policy's responses per prompt: the best against the worst",
    parse: parseCount,
    default: 2,
  },
  leastMargin: {
    value: '<score>',
    help: 'least difference of the two scores; closer ones give no pair',
    parse: parseNumber,
    default: 0,
  },
  pairwise: { help: 'compare two responses at a time, in both orders, instead of scoring each alone' },
  ...scaleOptions,
});

/** The command, for the table of commands. */
export const judgeCommand = () =>
  defineCommand({
    name: 'judge',
    description: "build pairs of the better and the worse response, by a judge's scores",
    options: judgeOptions,
    examples: [
      'npx apolab judge --prompts prompts.jsonl --out judged.jsonl --base-url http://localhost:8000/v1 --model judge --policy my-policy',
    ],
    run: (flags) =>
      buildPairsFile(flags, async (parts) => {
        const { preference, openPolicy, policy, options } = parts;
        const judge = judgeFrom(flags, parts);
        const { responder: names = [], samples, leastMargin } = flags;
        if ((flags.policy === undefined) === names.length < 2) {
          throw new ApolabError('Give --policy, whose samples are judged, or --responder twice or more.');
        }
        if (names.length === 0) return preference.judgeOnPolicy({ ...options, policy, judge, samples, leastMargin });
        const responders = await Promise.all(names.map(openPolicy));
        return preference.judgeOffPolicy({ ...options, responders, judge, leastMargin });
      }),
  });

function judgeFrom(flags: OptionsOf<typeof judgeOptions>, { preference, model, openModel }: Parts): JudgeLike {
  const { template: file, temperature, maxTokens, lowest, highest, pairwise, alsoJudge = [] } = flags;
  const common = { maxTokens, ...(temperature === undefined ? {} : { temperature }) };
  if (pairwise === true) {
    if (alsoJudge.length > 0) throw new ApolabError('--also-judge averages scores and cannot be used with --pairwise.');
    return preference.pairwiseJudge(model, {
      ...common,
      ...(file === undefined ? {} : { template: preference.loadTemplate('compare', file) }),
    });
  }
  const judges = [model, ...alsoJudge.map(openModel)].map((endpoint) =>
    preference.promptedJudge(endpoint, {
      ...common,
      scale: { lowest, highest },
      ...(file === undefined ? {} : { template: preference.loadTemplate('score', file) }),
    }),
  );
  return judges.length === 1 ? judges[0]! : preference.ensembleJudge(judges);
}
