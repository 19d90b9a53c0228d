/** What a check is, and the common kinds of checks. A check keeps hashes and numbers of the pairs, never their texts. */
import type { PreferencePair } from '../pair.js';

/** What a check found in a set. */
export interface Found {
  /** How many rows are concerned. */
  readonly count: number;
  /** The first of these rows; if a dataset has several files, counted through all of them. */
  readonly rows: readonly number[];
  /** What was found: a sentence without a full stop. */
  readonly message: string;
}

/** One row of the table of checks. */
export interface Check {
  /** What the check looks for. */
  readonly description: string;
  /** What to do about it. */
  readonly fix: string;
  /** Begins a new set. */
  start(): RunningCheck;
}

/** A check of one set: takes its pairs one by one. */
export interface RunningCheck {
  add(pair: PreferencePair, row: number): void;
  /** The finding, after the last pair; undefined if there is none. */
  result(): Found | undefined;
}

/** How many rows a finding names. */
export const rowsShown = 5;

/** Counts rows, and keeps the first few of their numbers. */
export function rowCounter() {
  const rows: number[] = [];
  let count = 0;
  return {
    add(row: number) {
      count += 1;
      if (rows.length < rowsShown) rows.push(row);
    },
    count: () => count,
    found: (message: (count: number) => string): Found | undefined =>
      count === 0 ? undefined : { count, rows, message: message(count) },
  };
}

/** `1 row has`, `3 rows have`. */
export const plural = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** A check that tests each pair by itself. */
export function each(
  test: (pair: PreferencePair) => boolean,
  message: (count: number) => string,
): Pick<Check, 'start'> {
  return {
    start() {
      const rows = rowCounter();
      return {
        add(pair, row) {
          if (test(pair)) rows.add(row);
        },
        result: () => rows.found(message),
      };
    },
  };
}

/** A check that finds pairs with the key of an earlier pair. */
export function repeated(
  key: (pair: PreferencePair) => number,
  message: (count: number) => string,
): Pick<Check, 'start'> {
  return {
    start() {
      const earlier = new Set<number>();
      const rows = rowCounter();
      return {
        add(pair, row) {
          const hash = key(pair);
          if (earlier.has(hash)) rows.add(row);
          else earlier.add(hash);
        },
        result: () => rows.found(message),
      };
    },
  };
}

/**
 * A check that finds sets in which only some pairs have something; it reports the smaller part. Pairs for which `has` is
 * undefined are not counted.
 */
export function mixed(
  has: (pair: PreferencePair) => boolean | undefined,
  message: (having: number, all: number) => string,
): Pick<Check, 'start'> {
  return {
    start() {
      const [having, lacking] = [rowCounter(), rowCounter()];
      return {
        add(pair, row) {
          const answer = has(pair);
          if (answer !== undefined) (answer ? having : lacking).add(row);
        },
        result() {
          const fewer = having.count() <= lacking.count() ? having : lacking;
          return fewer.found(() => message(having.count(), having.count() + lacking.count()));
        },
      };
    },
  };
}
