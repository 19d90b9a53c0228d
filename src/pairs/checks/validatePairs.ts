/** Validates a file of pairs or of unpaired examples: every row that is neither, and the problems of the set as a whole. */
import { checks, type CheckId, type Found } from './checks.js';
import type { SkippedPair } from '../rows/parsedRow.js';
import type { UnpairedExample } from '../rows/parseUnpaired.js';
import { streamTrainingRows, type ReadTrainingRowsOptions } from '../rows/readTrainingRows.js';
import { unpairedChecks, type UnpairedCheckId } from './unpairedChecks.js';

/** A row that is neither a pair nor an unpaired example. */
export interface Fault {
  /** The row's number: in JSONL the line, in CSV as spreadsheets count (the header is 1), else from 1. */
  readonly row: number;
  /** The file that holds the row, if a dataset has several. */
  readonly file?: string;
  /** The faulty column, if the fault is in one column. */
  readonly column?: string;
  /** What is wrong, and after a semicolon the fix. */
  readonly reason: string;
}

/** A problem of the set; its pairs can be trained on nevertheless. */
export interface SetWarning extends Found {
  readonly check: CheckId | UnpairedCheckId;
  /** What to do about it. */
  readonly fix: string;
}

/** The result of `validatePairs`. */
export interface Validation {
  readonly rows: number;
  readonly pairs: number;
  /** The examples of an unpaired file (`prompt`, `completion`, `label`); absent if there are none. */
  readonly unpaired?: UnpairedCounts;
  readonly faults: readonly Fault[];
  readonly warnings: readonly SetWarning[];
}

/** Numbers of unpaired examples. */
export interface UnpairedCounts {
  readonly desirable: number;
  readonly undesirable: number;
}

/** How rows are read and validated. */
export interface ValidateOptions extends ReadTrainingRowsOptions {
  /** Called after each row with the number of rows so far. */
  readonly onRow?: (rows: number) => void;
}

/**
 * Validates a source of pairs or of unpaired examples, row by row; memory grows by a few bytes per row.
 *
 * Faults are rows that are neither, each with row, column, reason and fix. Warnings are the findings of the table of checks:
 * duplicates, contradictions, mixed forms, outliers and others.
 *
 * @throws ApolabError if the source does not exist, can't be read, or has no rows
 * @example
 * const { faults, warnings } = await validatePairs('pairs.csv');
 * for (const { row, column, reason } of faults) console.log(row, column, reason);
 */
export async function validatePairs(source: string, options: ValidateOptions = {}): Promise<Validation> {
  const running = (Object.keys(checks) as CheckId[]).map((id) => ({ id, ...checks[id].start() }));
  const faults: Fault[] = [];
  const unpaired = runUnpaired();
  let [rows, pairs] = [0, 0];
  for await (const row of streamTrainingRows(source, options)) {
    rows += 1;
    const number = row.file === undefined ? row.row : rows;
    if (row.kind === 'pair') {
      pairs += 1;
      for (const check of running) check.add(row.pair, number);
    } else if (row.kind === 'example') unpaired.add(row.example, number);
    else faults.push(faultOf(row));
    options.onRow?.(rows);
  }
  const warnings = running.flatMap((check): SetWarning[] => {
    const found = check.result();
    return found === undefined ? [] : [{ check: check.id, ...found, fix: checks[check.id].fix }];
  });
  const { counts } = unpaired;
  const examples = counts.desirable + counts.undesirable;
  return {
    rows,
    pairs,
    ...(examples === 0 ? {} : { unpaired: counts }),
    faults,
    warnings: [...warnings, ...unpaired.warnings()],
  };
}

/** Runs the checks of unpaired examples. */
function runUnpaired() {
  const ids = Object.keys(unpairedChecks) as UnpairedCheckId[];
  const running = ids.map((id) => ({ id, ...unpairedChecks[id].start() }));
  const counts = { desirable: 0, undesirable: 0 };
  return {
    counts,
    add(example: UnpairedExample, row: number) {
      counts[example.label ? 'desirable' : 'undesirable'] += 1;
      for (const check of running) check.add(example, row);
    },
    warnings: () =>
      running.flatMap((check): SetWarning[] => {
        const found = check.result();
        return found === undefined ? [] : [{ check: check.id, ...found, fix: unpairedChecks[check.id].fix }];
      }),
  };
}

/** Without the row's text, so that a file with many faults does not fill memory. */
function faultOf({ row, file, column, reason }: SkippedPair): Fault {
  return { row, ...(file === undefined ? {} : { file }), ...(column === undefined ? {} : { column }), reason };
}
