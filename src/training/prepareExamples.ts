/** From rows to token ids for training, with the results of the template checks. */
import { ApolabError } from '../core/errors.js';
import { nextTurn } from '../core/nextTurn.js';
import type { LanguageModel } from '../model/index.js';
import { isUnpaired, type TrainingRow } from '../pairs/rows/trainingRow.js';
import { examineRow } from './examineRow.js';
import { hasEqualResponses, type TokenizedExample } from './tokenize.js';
import { findTemplateProblems, type CheckedRow, type TemplateFinding } from './templateChecks.js';

/** Rows that are tokenized before timers can run. */
const rowsPerTurn = 128;

/** A row that can be trained on. */
export interface PreparedRow {
  /** What is trained on, cut to the max length. */
  readonly tokenized: TokenizedExample;
  /** The same row before it was cut. */
  readonly whole: TokenizedExample;
}

/** The result of `prepareExamples`. */
export interface PreparedExamples {
  /** The rows that can be trained on, in their order. */
  readonly rows: readonly PreparedRow[];
  /** What the template checks found. */
  readonly findings: TemplateFinding[];
}

/**
 * Tokenizes rows and runs the template checks on them.
 *
 * @param rows all pairs, or all unpaired examples
 * @param maxLength most tokens per sequence; longer ones are cut. A row whose prompt leaves no room, or a pair whose responses are
 * equal then, is skipped and counted in the findings
 * @throws ApolabError if there are no rows, one of them cannot be trained on, or none is left.
 */
export async function prepareExamples(
  model: LanguageModel,
  rows: readonly TrainingRow[],
  maxLength?: number,
): Promise<PreparedExamples> {
  if (rows.length === 0) throw new ApolabError('There are no pairs to train on.');
  const { tokenizer, config } = model;
  const noun = isUnpaired(rows[0]!) ? 'example' : 'pair';
  const checked: CheckedRow[] = [];
  for (const [index, row] of rows.entries()) {
    if (index > 0 && index % rowsPerTurn === 0) await nextTurn();
    const examined = examineRow(tokenizer, config.maxPositions, row, maxLength);
    if (examined.kind === 'untrainable') {
      const place = `${noun === 'pair' ? 'Pair' : 'Example'} ${index + 1} of ${rows.length}`;
      throw new ApolabError(`${place} cannot be trained on: ${examined.reason}.`);
    }
    checked.push({
      number: index + 1,
      row,
      whole: examined.whole,
      cut: examined.kind === 'no room' ? undefined : examined.tokenized,
    });
  }
  const prepared = checked.flatMap(({ whole, cut }) =>
    cut === undefined || hasEqualResponses(cut) ? [] : [{ tokenized: cut, whole }],
  );
  if (prepared.length === 0) {
    const why = checked.every(({ cut }) => cut === undefined)
      ? `every prompt alone fills the max length of ${maxLength!} tokens. Allow more, or shorten the prompts.`
      : `cut to the max length of ${maxLength!} tokens, both responses of every pair are the same. Allow more tokens.`;
    throw new ApolabError(`No ${noun} can be trained on: ${why}`);
  }
  return { rows: prepared, findings: findTemplateProblems(tokenizer, checked) };
}
