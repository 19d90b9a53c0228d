/**
 * The workshop set: prompts over a dozen kinds of task, with answers that a person can read, so that all four kinds of
 * preference pairs can be made without a network. Its parts implement the interfaces of `src/responders/responder.ts` and
 * only look things up in `datasets/workshop/workshop.jsonl`; a request for anything that is not in the file is refused
 * with the reason.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promptText, type Prompt } from '../pairs/pair.js';
import { refusal } from '../responders/refusal.js';
import type { Judge, Judgement, Refusal, Responder, Reviser, Revision } from '../responders/responder.js';
import { datasetsFolder } from './folder.js';

/** The folder of the set and its card. */
export const folder = path.join(datasetsFolder, 'workshop');

/** One line of `workshop.jsonl`, under the file's own column names. Scores are whole numbers from 1 to 10. */
export interface WorkshopRow {
  /** Task and number: `code-2`. */
  readonly id: string;
  /** The kind of task: `factual_question`, `code`, ... */
  readonly task: string;
  readonly prompt: string;
  /** The policy's answer: that of a small model, with a real flaw or two. */
  readonly policy: string;
  readonly score_policy: number;
  /** The same answer with its flaws corrected and everything else unchanged. */
  readonly revision: string;
  /** What was wrong, and why the change is better. */
  readonly rationale: string;
  readonly score_revision: number;
  /** The policy's second answer, in other words; better or worse than the first. */
  readonly policy_second: string;
  readonly score_policy_second: number;
  /** Answers of two models that are weaker than the policy. */
  readonly weak_first: string;
  readonly score_weak_first: number;
  readonly weak_second: string;
  readonly score_weak_second: number;
  /** A strong answer, written independently of the policy's. */
  readonly stronger: string;
  readonly score_stronger: number;
}

/**
 * All rows, in the file's order: one of each kind of task, then the next of each.
 *
 * @example
 * datasets.workshop.rows().filter(({ task }) => task === 'code')
 */
export function rows(): readonly WorkshopRow[] {
  return [...rowsByPrompt().values()];
}

/**
 * The prompts alone, in the rows' order, as builders take them.
 *
 * @example
 * const { prompts, policy, reviser } = datasets.workshop;
 * const pairs = await preference.collect(preference.clair({ prompts: prompts(), policy, reviser, seed: 0 }));
 */
export function prompts(): readonly string[] {
  return [...rowsByPrompt().keys()];
}

/** The policy. It has two different answers to each prompt, as samples 0 and 1, and no third. */
export const policy: Responder = responder('workshop policy', ['policy', 'policy_second']);

/** Two models weaker than the policy, for judging off-policy. */
export const weak: readonly [Responder, Responder] = [
  responder('workshop weak first', ['weak_first']),
  responder('workshop weak second', ['weak_second']),
];

/** The stronger model. */
export const stronger: Responder = responder('workshop stronger', ['stronger']);

/** Minimally revises the policy's first answers; other answers have no revision. */
export const reviser: Reviser = {
  name: 'workshop reviser',
  revise: (prompt, response) => Promise.resolve(revise(prompt, response)),
};

/** Scores every response of the set from 1 to 10, ties included. */
export const judge: Judge = {
  name: 'workshop judge',
  score: (prompt, response) => Promise.resolve(score(prompt, response)),
};

/** The columns with a response, each with the column of its score. */
const scoreColumns = {
  policy: 'score_policy',
  revision: 'score_revision',
  policy_second: 'score_policy_second',
  weak_first: 'score_weak_first',
  weak_second: 'score_weak_second',
  stronger: 'score_stronger',
} as const satisfies Partial<Record<keyof WorkshopRow, keyof WorkshopRow>>;

type ResponseColumn = keyof typeof scoreColumns;
const responseColumns = Object.keys(scoreColumns) as ResponseColumn[];

/** Answers from one column, or from several by the number of the sample; the seed has no effect. */
function responder(name: string, columns: readonly ResponseColumn[]): Responder {
  const answer = (prompt: Prompt, sample: number) => {
    const row = rowOf(prompt);
    if (row === undefined) return unknownPrompt(prompt);
    const column = columns.length === 1 ? columns[0] : columns[sample];
    if (column !== undefined) return row[column];
    return refusal(`the ${name} has ${columns.length} answers to a prompt, and sample ${sample + 1} was asked for`);
  };
  return {
    name,
    respond: (asked, { sample = 0 }) => Promise.resolve(asked.map((prompt) => answer(prompt, sample))),
  };
}

function revise(prompt: Prompt, response: string): Revision {
  const row = rowOf(prompt);
  if (row === undefined) return unknownPrompt(prompt);
  if (response === row.policy) return { kind: 'revised', response: row.revision, rationale: row.rationale };
  return refusal("the workshop reviser only has a revision of the policy's first answer to this prompt");
}

function score(prompt: Prompt, response: string): Judgement {
  const row = rowOf(prompt);
  if (row === undefined) return unknownPrompt(prompt);
  const column = responseColumns.find((one) => row[one] === response);
  if (column !== undefined) return row[scoreColumns[column]];
  return refusal('the workshop judge only has scores of the responses of the workshop set, and this is not one of them');
}

function rowOf(prompt: Prompt): WorkshopRow | undefined {
  return rowsByPrompt().get(promptText(prompt));
}

function unknownPrompt(prompt: Prompt): Refusal {
  const text = promptText(prompt);
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return refusal(`'${shown}' is not a prompt of the workshop set; datasets.workshop.prompts() lists them`);
}

let read: ReadonlyMap<string, WorkshopRow> | undefined;

/** Read on first use, so that a cell that only names `datasets` does not read the file. */
function rowsByPrompt(): ReadonlyMap<string, WorkshopRow> {
  read ??= new Map(
    readFileSync(path.join(folder, 'workshop.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as WorkshopRow)
      .map((row) => [row.prompt, row]),
  );
  return read;
}
