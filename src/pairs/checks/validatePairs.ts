/** Validates a pairs file: every row that is not a pair, and the problems of the set as a whole. */
import { checks, type CheckId, type Found } from './checks.js';
import { streamPairs, type ReadPairsOptions, type SkippedPair } from '../rows/readPairs.js';

/** A row that is not a pair. */
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
  readonly check: CheckId;
  /** What to do about it. */
  readonly fix: string;
}

/** The result of `validatePairs`. */
export interface Validation {
  readonly rows: number;
  readonly pairs: number;
  readonly faults: readonly Fault[];
  readonly warnings: readonly SetWarning[];
}

/** How pairs are read and validated. */
export interface ValidateOptions extends ReadPairsOptions {
  /** Called after each row with the number of rows so far. */
  readonly onRow?: (rows: number) => void;
}

/**
 * Validates a source of pairs, row by row; memory grows by a few bytes per pair.
 *
 * Faults are rows that are not pairs, each with row, column, reason and fix. Warnings are the findings of the table of checks:
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
  let rows = 0;
  for await (const row of streamPairs(source, options)) {
    rows += 1;
    const number = row.file === undefined ? row.row : rows;
    if (row.kind === 'pair') for (const check of running) check.add(row.pair, number);
    else faults.push(faultOf(row));
    options.onRow?.(rows);
  }
  const warnings = running.flatMap((check) => {
    const found = check.result();
    return found === undefined ? [] : [{ check: check.id, ...found, fix: checks[check.id].fix }];
  });
  return { rows, pairs: rows - faults.length, faults, warnings };
}

/** Without the row's text, so that a file with many faults does not fill memory. */
function faultOf({ row, file, column, reason }: SkippedPair): Fault {
  return { row, ...(file === undefined ? {} : { file }), ...(column === undefined ? {} : { column }), reason };
}
