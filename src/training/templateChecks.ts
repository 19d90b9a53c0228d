/**
 * Common errors in chat templates, tokenizers and rows, searched before training. They do not stop a run, but they are counted
 * and shown.
 *
 * A check is a row of `templateChecks`: how often it applies to one row (a pair or an unpaired example), and what its message says.
 */
import type { Tokenizer } from '../model/index.js';
import { isUnpaired, type TrainingRow } from '../pairs/rows/trainingRow.js';
import { responsesOf } from './rowResponses.js';
import {
  hasUnwrittenTools,
  opensWithHeader,
  promptAlone,
  tokenizerFacts,
  type TokenizerFacts,
} from './templateFacts.js';
import { hasEqualResponses, type TokenizedExample } from './tokenize.js';

/** A row with its tokens, for the checks. */
export interface CheckedRow {
  /** Position in the given list, counted from 1. */
  readonly number: number;
  readonly row: TrainingRow;
  /** The row's tokens before it is cut. */
  readonly whole: TokenizedExample;
  /** The tokens that are trained on, cut to the max length; undefined if the prompt leaves no room for a response. */
  readonly cut: TokenizedExample | undefined;
}

interface Check {
  /** In how many responses of the row the error occurs; for the unit `rows`, 1 if it occurs in the row. */
  readonly count: (checked: CheckedRow, tokenizer: TokenizerFacts) => number;
  readonly unit: 'responses' | 'rows';
  /** The end of the message: what is wrong, and what to do. */
  readonly meaning: string;
}

const hits = (tokens: readonly number[], token: number) => tokens.filter((other) => other === token).length;

const responsesThat = ({ whole }: CheckedRow, test: (ids: readonly number[]) => boolean) =>
  whole.responses.filter(test).length;

/** The table of checks, by id. */
export const templateChecks = {
  double_bos: {
    unit: 'rows',
    meaning:
      'have the beginning-of-sequence token twice. The text, or the chat template, writes what the tokenizer adds by itself: remove it from one of them',
    count: ({ whole }, { beginning, end, beginsTurns }) => {
      if (beginning === undefined || beginning === end) return 0;
      // A token that opens every turn is twice only if it stands next to itself at the beginning.
      const isTwice = (ids: readonly number[]) =>
        beginsTurns ? ids[0] === beginning && ids[1] === beginning : hits(ids, beginning) > 1;
      return whole.responses.some((response) => isTwice([...whole.prompt, ...response])) ? 1 : 0;
    },
  },
  missing_eos: {
    unit: 'responses',
    meaning:
      'lack the end-of-sequence token, so the model does not learn to end there. Set eos_token in tokenizer_config.json to the token with which the chat template ends a turn',
    count: (checked, { end }) => responsesThat(checked, (ids) => !ids.includes(end)),
  },
  extra_eos: {
    unit: 'responses',
    meaning:
      'have the end-of-sequence token more than once. Remove it from the text: the tokenizer or the template adds it',
    count: (checked, { end }) => responsesThat(checked, (ids) => hits(ids, end) > 1),
  },
  generation_prompt_in_response: {
    unit: 'responses',
    meaning:
      "begin with the opening of the assistant's answer, which belongs to the prompt. Remove it from the text, or let the chat template write it if add_generation_prompt is true",
    count: ({ row }, facts) => responsesOf(row).filter(({ response }) => opensWithHeader(row, response, facts)).length,
  },
  split_prompt: {
    unit: 'rows',
    meaning:
      'lose the end of their prompt, because the prompt alone has other tokens than before a response (tokens merge across the boundary, or the template differs); TRL does the same. Generation then has another context than training',
    count: ({ row, whole }, { tokenizer }) => (promptAlone(tokenizer, row) > whole.prompt.length ? 1 : 0),
  },
  truncated_responses: {
    unit: 'responses',
    meaning:
      'are cut to the max length, and end without their end-of-sequence token. Allow more tokens, or shorten them',
    count: ({ whole, cut }) =>
      cut === undefined ? 0 : whole.responses.filter((ids, index) => cut.responses[index]!.length < ids.length).length,
  },
  no_room: {
    unit: 'rows',
    meaning: 'are skipped: the prompt alone fills the max length. Allow more tokens, or shorten it',
    count: ({ cut }) => (cut === undefined ? 1 : 0),
  },
  equal_after_cut: {
    unit: 'rows',
    meaning:
      'are skipped: cut to the max length, both responses are the same tokens, so there is no preference. Allow more tokens, or shorten them',
    count: ({ cut }) => (cut !== undefined && hasEqualResponses(cut) ? 1 : 0),
  },
  unwritten_tools: {
    unit: 'rows',
    meaning:
      'have tools or tool calls that the chat template does not write, so the model does not see them; TRL does the same. Use a model whose template writes them',
    count: ({ row }, { tokenizer }) => (hasUnwrittenTools(tokenizer, row) ? 1 : 0),
  },
} as const satisfies Record<string, Check>;

/** A check's id: a key of `templateChecks`. */
export type TemplateCheckId = keyof typeof templateChecks;

/** An error that a check found in the rows. */
export interface TemplateFinding {
  readonly check: TemplateCheckId;
  /** Number of responses, pairs or unpaired examples with the error. */
  readonly count: number;
  /** Number of all responses, pairs or unpaired examples. */
  readonly of: number;
  readonly unit: 'responses' | 'pairs' | 'examples';
  /** The first pair (or unpaired example) with the error, counted from 1. */
  readonly firstPair: number;
  /** The finding as a text. */
  readonly message: string;
}

/**
 * Runs all checks on tokenized rows, which are either all pairs or all unpaired examples.
 *
 * @example
 * const whole = tokenizePair(model.tokenizer, pairs[0]);
 * findTemplateProblems(model.tokenizer, [{ number: 1, row: pairs[0], whole, cut: whole }]); // []
 */
export function findTemplateProblems(tokenizer: Tokenizer, rows: readonly CheckedRow[]): TemplateFinding[] {
  const facts = tokenizerFacts(tokenizer);
  const noun = rows.some(({ row }) => isUnpaired(row)) ? 'example' : 'pair';
  const responses = rows.reduce((sum, { whole }) => sum + whole.responses.length, 0);
  return (Object.entries(templateChecks) as [TemplateCheckId, Check][]).flatMap(([check, row]) => {
    const counts = rows.map((checked) => row.count(checked, facts));
    const count = counts.reduce((sum, value) => sum + value, 0);
    if (count === 0) return [];
    const [of, unit] = row.unit === 'rows' ? ([rows.length, `${noun}s`] as const) : ([responses, 'responses'] as const);
    const { number: firstPair } = rows[counts.findIndex((value) => value > 0)]!;
    const message = `${check}: ${count} of ${of} ${unit} ${row.meaning} (first: ${noun} ${firstPair}).`;
    return [{ check, count, of, unit, firstPair, message }];
  });
}
