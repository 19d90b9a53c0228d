/** The table of checks: problems of a whole set, although each of its rows is a valid pair. A new check is one row. */
import { hashOf, promptKey, responseKeys } from '../rows/duplicates.js';
import { each, mixed, plural, repeated, rowCounter, type Check, type RunningCheck } from './check.js';
import { lengthBias, lengthOutliers } from './lengthChecks.js';
import { oneSided } from './oneSided.js';

export type { Found } from './check.js';

const normal = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

const templateMarks =
  /<\|(im_start|im_end|start_header_id|end_header_id|eot_id|begin_of_text|user|assistant|system|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>|<start_of_turn>|<end_of_turn>/;

/** The checks by id. */
export const checks = {
  duplicate_pairs: {
    description: 'rows that repeat the prompt and both responses of an earlier row',
    fix: 'remove them: apolab convert IN OUT --deduplicate',
    ...repeated(
      (pair) => hashOf(promptKey(pair), ...responseKeys(pair)),
      (count) => `${plural(count, 'row repeats', 'rows repeat')} an earlier pair`,
    ),
  },
  duplicate_prompts: {
    description: 'rows that repeat the prompt of an earlier row, with any responses',
    fix: 'keep them together when you split the set into training and test',
    ...repeated(
      (pair) => hashOf(promptKey(pair)),
      (count) => `${plural(count, 'row repeats', 'rows repeat')} an earlier prompt`,
    ),
  },
  contradictions: {
    description: 'a text that is chosen in one row and rejected in another, for the same prompt',
    fix: 'keep one of the two rows, or none: they cancel each other out',
    start: contradictions,
  },
  nearly_equal: {
    description: 'responses that differ only in case and white space',
    fix: 'remove them, unless that is what you want to teach',
    ...each(
      ({ chosen, rejected, responseMessages }) => responseMessages === undefined && normal(chosen) === normal(rejected),
      (count) => `in ${plural(count, 'row', 'rows')} the responses differ only in case or white space`,
    ),
  },
  blank_columns: {
    description: 'columns beside the pair that hold only white space',
    fix: 'leave such a column out of the row, or write its text',
    ...each(
      ({ rationale, columns = {} }) =>
        [rationale, ...Object.values(columns)].some((value) => typeof value === 'string' && value.trim() === ''),
      (count) => `${plural(count, 'row has', 'rows have')} a column that holds only white space`,
    ),
  },
  partial_rationales: {
    description: 'rationales in some rows only',
    fix: 'trainers ignore rationales; add the others if a report shows them',
    ...mixed(
      ({ rationale }) => rationale !== undefined,
      (having, all) => `${having} of ${all} pairs have a rationale`,
    ),
  },
  partial_scores: {
    description: 'scores in some rows only',
    fix: 'score the others too, or leave scores out',
    ...mixed(
      ({ scores }) => scores !== undefined,
      (having, all) => `${having} of ${all} pairs have both scores`,
    ),
  },
  scores_against: {
    description: 'a chosen response whose score is not higher than the rejected one',
    fix: 'swap the responses if the scores are right, and remove ties',
    ...each(
      ({ scores }) => scores !== undefined && scores.chosen <= scores.rejected,
      (count) => `in ${plural(count, 'row', 'rows')} the chosen response scores no higher than the rejected one`,
    ),
  },
  mixed_forms: {
    description: 'conversations in some rows and plain texts in others',
    fix: 'write one form, since a trainer reads one: apolab convert IN OUT --form conversational',
    ...mixed(
      ({ conversation }) => conversation !== undefined,
      (having, all) => `${having} of ${all} pairs are conversations, the others plain texts`,
    ),
  },
  mixed_systems: {
    description: 'system messages in some conversations only',
    fix: 'give all of them a system message or none, unless the difference is intended',
    ...mixed(
      ({ conversation }) => conversation?.[0]?.role === 'system',
      (having, all) => `${having} of ${all} pairs start with a system message`,
    ),
  },
  mixed_spacing: {
    description: 'plain responses that start with a space in some rows only',
    fix: 'use one or the other: prompt and response are joined as they are, and a space changes the tokens',
    ...mixed(
      ({ chosen, conversation }) => (conversation === undefined ? /^\s/.test(chosen) : undefined),
      (having, all) => `${having} of ${all} chosen responses start with white space`,
    ),
  },
  one_sided_marks: {
    description: 'white space at the beginning or end, or thinking, that only one response of a pair has',
    fix: 'treat both responses alike: trim both, and take thinking off both; a model learns the difference',
    ...oneSided,
  },
  templates_in_text: {
    description: "marks of a chat template in a text, or a prompt that ends with the start of an assistant's turn",
    fix: "write the turns as lists of {role, content}: the model's template adds its marks, so they would appear twice",
    ...each(
      ({ prompt, chosen, rejected }) =>
        [prompt, chosen, rejected].some((text) => templateMarks.test(text)) ||
        /(^|\n)\s*(assistant|ai)\s*:\s*$/i.test(prompt),
      (count) => `${plural(count, 'row has', 'rows have')} marks of a chat template in a text`,
    ),
  },
  length_extremes: {
    description: 'texts that are far longer than the others',
    fix: 'read them: trainers truncate them, and one may fill a batch',
    start: lengthOutliers,
  },
  length_bias: {
    description: 'chosen responses that are nearly always the longer ones, or the shorter ones',
    fix: 'a policy learns length before anything else; add pairs of the other kind, or control for length',
    start: lengthBias,
  },
} satisfies Record<string, Check>;

/** The id of a check. */
export type CheckId = keyof typeof checks;

/** Finds texts that are preferred in one row and rejected in another, for the same prompt. */
function contradictions(): RunningCheck {
  const [chosen, rejected] = [new Set<number>(), new Set<number>()];
  const rows = rowCounter();
  return {
    add(pair, row) {
      const prompt = promptKey(pair);
      const [won, lost] = responseKeys(pair).map((key) => hashOf(prompt, key)) as [number, number];
      if (rejected.has(won) || chosen.has(lost)) rows.add(row);
      chosen.add(won);
      rejected.add(lost);
    },
    result: () =>
      rows.found((count) => `${plural(count, 'row contradicts', 'rows contradict')} an earlier row on the same prompt`),
  };
}
