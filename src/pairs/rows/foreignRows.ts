/**
 * The table of forms of rows that other programs write. A row that holds a preference, or a prompt, is translated to TRL's
 * columns; a row that is recognised but holds none is named, with the command that makes pairs of it. A new form is one row.
 */
import { BadRow } from './badRow.js';
import type { Row } from '../formats/fileRow.js';
import { alpacaPrompt, ratedCompletions, shareGptMessages, toMessages, withoutColumns } from './foreignValues.js';

/** One row of the table. */
interface ForeignForm {
  /** What messages call it: `ShareGPT (conversations, from, value)`. */
  readonly name: string;
  recognizes(row: Row): boolean;
  /** The columns of a pair; undefined if such rows hold no preference. */
  toPair?(row: Row): Row;
  /** The columns of a prompt; undefined if they are TRL's already. */
  toPrompt?(row: Row): Row;
  /** What a row without a preference lacks, and what to do. */
  readonly fix?: string;
}

const has = (row: Row, column: string) => Object.hasOwn(row, column) && (row[column] ?? undefined) !== undefined;
const hasPair = (row: Row) => has(row, 'chosen') && has(row, 'rejected');

const build = 'build pairs from it: npx apolab clair --prompts FILE --out pairs.jsonl --model REVISER --policy POLICY';

/** The forms by id, the first that recognises a row counts. */
const foreignForms = {
  openai: {
    name: "OpenAI's preference file (input, preferred_output, non_preferred_output)",
    recognizes: (row) => has(row, 'preferred_output') && has(row, 'non_preferred_output') && has(row, 'input'),
    toPair(row) {
      const { messages, tools } = row.input as Row;
      return {
        ...withoutColumns(row, ['input', 'preferred_output', 'non_preferred_output']),
        prompt: messages,
        ...((tools ?? undefined) === undefined ? {} : { tools }),
        chosen: row.preferred_output,
        rejected: row.non_preferred_output,
      };
    },
  },
  sharegpt: {
    name: 'ShareGPT (conversations, from, value)',
    recognizes: (row) => Array.isArray(row.conversations) && !has(row, 'prompt'),
    toPair: (row) => ({
      ...withoutColumns(row, ['conversations', 'system']),
      prompt: shareGptMessages(row),
      chosen: toMessages(row.chosen),
      rejected: toMessages(row.rejected),
    }),
    toPrompt: (row) => ({ prompt: withoutAnswer(shareGptMessages(row)) }),
    fix: `it has a conversation, but no "chosen" and "rejected"; ${build}`,
  },
  alpaca: {
    name: 'Alpaca (instruction, input, output)',
    recognizes: (row) => has(row, 'instruction') && !has(row, 'prompt') && !has(row, 'completions'),
    toPair: (row) => ({
      ...withoutColumns(row, ['instruction', 'input', 'system', 'history']),
      ...alpacaPrompt(row, 'instruction'),
    }),
    toPrompt: (row) => alpacaPrompt(row, 'instruction'),
    fix: `it has one output, but no "chosen" and "rejected"; ${build}`,
  },
  question: {
    name: 'a row of Intel/orca_dpo_pairs (system, question, chosen, rejected)',
    recognizes: (row) => has(row, 'question') && hasPair(row) && !has(row, 'prompt'),
    toPair: (row) => ({ ...withoutColumns(row, ['question', 'system']), ...alpacaPrompt(row, 'question') }),
    toPrompt: (row) => alpacaPrompt(row, 'question'),
  },
  ultrafeedback: {
    name: 'UltraFeedback (instruction, completions)',
    recognizes: (row) => has(row, 'instruction') && Array.isArray(row.completions) && !hasPair(row),
    toPair: (row) => ({ ...withoutColumns(row, ['instruction', 'completions']), ...ratedCompletions(row) }),
    toPrompt: (row) => ({ prompt: row.instruction }),
  },
  unpaired: {
    name: 'unpaired (prompt, completion, label)',
    recognizes: (row) => has(row, 'completion') && has(row, 'label') && !hasPair(row),
    fix: 'it has one completion with a label; read it with readUnpaired; train on it with: npx apolab train --objective kto --pairs FILE',
  },
  completion: {
    name: 'supervised fine-tuning (prompt, completion)',
    recognizes: (row) => has(row, 'prompt') && has(row, 'completion') && !hasPair(row),
    fix: `it has one completion, but no "chosen" and "rejected"; ${build}`,
  },
  messages: {
    name: 'a conversation for fine-tuning (messages)',
    recognizes: (row) => Array.isArray(row.messages) && !has(row, 'prompt') && !hasPair(row) && !has(row, 'response'),
    toPrompt: (row) => ({ prompt: withoutAnswer(toMessages(row.messages)) }),
    fix: `it has one conversation, but no "chosen" and "rejected"; ${build}`,
  },
} satisfies Record<string, ForeignForm>;

/** The id of a form that is not TRL's own for pairs. */
export type ForeignFormId = keyof typeof foreignForms;

/** The form of a row; undefined for TRL's own columns, and for rows of no known form. */
export function foreignFormOf(row: Row): ForeignFormId | undefined {
  return (Object.keys(foreignForms) as ForeignFormId[]).find((id) => foreignForms[id].recognizes(row));
}

/**
 * A row in TRL's columns for pairs; `chosen` and `rejected` that are one message become lists.
 *
 * @throws BadRow that names the form, if the row is of a known form that holds no preference
 */
export function asPairRow(row: Row): Row {
  const form = formOf(row);
  if (form?.toPair !== undefined && (form.fix === undefined || hasPair(row))) return oneMessageEach(form.toPair(row));
  if (form?.fix === undefined || hasPair(row)) return oneMessageEach(row);
  throw new BadRow(undefined, `the row is ${form.name}: ${form.fix}`);
}

/** A row in TRL's columns for prompts. */
export function asPromptRow(row: Row): Row {
  return formOf(row)?.toPrompt?.(row) ?? oneMessageEach(row);
}

function formOf(row: Row): ForeignForm | undefined {
  const id = foreignFormOf(row);
  return id === undefined ? undefined : foreignForms[id];
}

/** Some files hold a response as one message, not as a list of one; ShareGPT's names of its keys are translated. */
function oneMessageEach(row: Row): Row {
  const changed = ['prompt', 'chosen', 'rejected'].flatMap((column) => {
    const value = toMessages(row[column]);
    return value === row[column] ? [] : [[column, value] as const];
  });
  return changed.length === 0 ? row : { ...row, ...Object.fromEntries(changed) };
}

/** Messages without the assistant's answer at their end, if there is one. */
function withoutAnswer(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  const last = messages.at(-1) as { readonly role?: unknown } | undefined;
  return last?.role === 'assistant' ? messages.slice(0, -1) : messages;
}
