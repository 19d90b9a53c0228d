/** The responses of a row: both of a pair, or the one of an unpaired example. */
import type { Message } from '../pairs/pair.js';
import { isUnpaired, type TrainingRow } from '../pairs/rows/trainingRow.js';

/** A response: its text, or its messages if it is more than one text. */
export type RowResponse = string | readonly Message[];

/** A response of a row. */
export interface ResponseOfRow {
  /** The column that holds it. */
  readonly field: 'chosen' | 'rejected' | 'completion';
  readonly text: string;
  /** What is tokenized. */
  readonly response: RowResponse;
}

/**
 * The responses of a row, a pair's chosen one first.
 *
 * @example
 * responsesOf({ prompt: '1 + 1 ?', completion: ' 2', label: true }); // [{ field: 'completion', text: ' 2', response: ' 2' }]
 */
export function responsesOf(row: TrainingRow): readonly ResponseOfRow[] {
  if (isUnpaired(row)) {
    const { completion, completionMessages } = row;
    return [{ field: 'completion', text: completion, response: completionMessages ?? completion }];
  }
  return (['chosen', 'rejected'] as const).map((field) => ({
    field,
    text: row[field],
    response: row.responseMessages?.[field] ?? row[field],
  }));
}
