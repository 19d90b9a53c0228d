/** A pairs file looked through: every row that is no pair, and what the set as a whole suffers from. */
import { checks, type CheckId, type Found } from './checks.js';
import { streamPairs, type ReadPairsOptions, type SkippedPair } from '../rows/readPairs.js';

/** A row that is no pair. */
export interface Fault {
  /** The row's number: in JSONL the line, in CSV as spreadsheets count (the header is 1), else from 1. */
  readonly row: number;
  /** Of a dataset of several files the one that holds the row. */
  readonly file?: string;
  /** The column that is at fault, where it is one. */
  readonly column?: string;
  /** What is wrong, and after a semicolon the cure. */
  readonly reason: string;
}

/** What the pairs as a set suffer from; each of them can be trained on all the same. */
export interface SetWarning extends Found {
  readonly check: CheckId;
  /** What to do about it. */
  readonly fix: string;
}

export interface Validation {
  readonly rows: number;
  readonly pairs: number;
  readonly faults: readonly Fault[];
  readonly warnings: readonly SetWarning[];
}

export interface ValidateOptions extends ReadPairsOptions {
  /** Told after each row how many there were. */
  readonly onRow?: (rows: number) => void;
}

/**
 * Looks a source of pairs through, row by row; memory grows by some bytes a pair.
 *
 * Faults are rows that are no pairs, each with its row, column and cure. Warnings are about the set: duplicates,
 * contradictions, mixed forms, extremes and the others of the table of checks.
 *
 * @throws ApolabError where the source isn't there, can't be read or has no rows at all
 * @example
 * const { faults, warnings } = await validatePairs('pairs.csv');
 * for (const { row, column, reason } of faults) console.log(row, column, reason);
 */
export async function validatePairs(source: string, options: ValidateOptions = {}): Promise<Validation> {
  const looking = (Object.keys(checks) as CheckId[]).map((id) => ({ id, ...checks[id].start() }));
  const faults: Fault[] = [];
  let rows = 0;
  for await (const row of streamPairs(source, options)) {
    rows += 1;
    const number = row.file === undefined ? row.row : rows;
    if (row.kind === 'pair') for (const check of looking) check.see(row.pair, number);
    else faults.push(faultOf(row));
    options.onRow?.(rows);
  }
  const warnings = looking.flatMap((check) => {
    const found = check.end();
    return found === undefined ? [] : [{ check: check.id, ...found, fix: checks[check.id].fix }];
  });
  return { rows, pairs: rows - faults.length, faults, warnings };
}

/** Without the row's text, which a large file has in itself. */
function faultOf({ row, file, column, reason }: SkippedPair): Fault {
  return { row, ...(file === undefined ? {} : { file }), ...(column === undefined ? {} : { column }), reason };
}
