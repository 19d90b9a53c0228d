/** Parses one row of an unpaired file: a completion that is desirable or not, or the reason why it is not one. */
import type { Message, PreferencePair } from '../pair.js';
import { asMessages, isText, textOf } from './answerText.js';
import { attempt, BadRow, type Skipped } from './badRow.js';
import { foreignFormOf } from './foreignRows.js';
import type { Row } from '../formats/fileRow.js';
import { kindOf, required } from './readText.js';
import { readTools } from './readTools.js';
import { readAnswer, readPrompt, type AnswerRead } from './readValues.js';

/**
 * A completion with a label, in the columns of TRL's KTOTrainer (`prompt`, `completion`, `label`). There may be any number of
 * them for a prompt, and more of one label than of the other.
 */
export interface UnpairedExample extends Pick<PreferencePair, 'prompt' | 'conversation' | 'tools' | 'columns'> {
  readonly completion: string;
  /** True if the completion is desirable. */
  readonly label: boolean;
  /** The messages of the completion, if they are more than one text. */
  readonly completionMessages?: readonly Message[];
}

/** An example, or the reason why the row is not one. */
export type ParsedUnpaired = { readonly kind: 'example'; readonly example: UnpairedExample } | Skipped;

/**
 * Parses the columns of one row. `prompt` and `completion` are texts or messages, `label` is true or false, also as 1 and 0 or
 * in quotes. `tools` is read, other columns are kept.
 *
 * @example
 * unpairedOfRow({ prompt: '1 + 1 ?', completion: ' 2', label: true }).kind; // 'example'
 */
export function unpairedOfRow(row: Row): ParsedUnpaired {
  return attempt(() => ({ kind: 'example', example: toExample(row) }));
}

/** Whether a row has the columns of an unpaired example, whatever they hold. */
export function isUnpairedRow(row: Row): boolean {
  return foreignFormOf(row) === 'unpaired';
}

function toExample(row: Row): UnpairedExample {
  refusePairs(row);
  const read = readPrompt(row, [readAnswer(row, 'completion')], ['completion']);
  const [completion] = read.answers as [AnswerRead];
  const label = readLabel(row);
  const tools = readTools(row);
  const taken = ['prompt', 'completion', 'label', ...(tools === undefined ? [] : ['tools'])];
  const others = Object.entries(row).filter(
    ([name, value]) => !taken.includes(name) && (value ?? undefined) !== undefined,
  );
  return {
    prompt: read.prompt,
    completion: textOf(completion),
    label,
    ...(read.conversation === undefined ? {} : { conversation: read.conversation }),
    ...(isText(completion) ? {} : { completionMessages: asMessages(completion) }),
    ...(tools === undefined ? {} : { tools }),
    ...(others.length === 0 ? {} : { columns: Object.fromEntries(others) }),
  };
}

function refusePairs(row: Row): void {
  if ((row.chosen ?? undefined) === undefined || (row.completion ?? undefined) !== undefined) return;
  throw new BadRow('completion', 'the row is a pair ("chosen", "rejected"); read it with readPairs');
}

const labels: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  [1, true],
  [0, false],
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

function readLabel(row: Row): boolean {
  const value = required(row, 'label');
  const label = labels.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
  if (label !== undefined) return label;
  const found = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : kindOf(value);
  throw new BadRow('label', `"label" is ${found}; make it true if the completion is desirable, and false if it is not`);
}
