/** The table of checks of unpaired sets, although each row is a valid example. A new check is one row. */
import { hashOf, promptKey, responseKey } from '../rows/duplicates.js';
import type { UnpairedExample } from '../rows/parseUnpaired.js';
import { plural, rowCounter, type Found } from './check.js';

/** A check of one set: takes its examples one by one. */
interface RunningUnpairedCheck {
  add(example: UnpairedExample, row: number): void;
  result(): Found | undefined;
}

interface UnpairedCheck {
  readonly description: string;
  readonly fix: string;
  start(): RunningUnpairedCheck;
}

/** The hash of an example without its label. */
function keyOf(example: UnpairedExample): number {
  const { completion, completionMessages } = example;
  return hashOf(promptKey(example), responseKey(completion, completionMessages));
}

/** The checks by id. */
export const unpairedChecks = {
  duplicate_examples: {
    description: 'rows that repeat the prompt, the completion and the label of an earlier row',
    fix: 'remove them, unless the repetition is a weight',
    start: () =>
      earlierRows(
        (label, before) => before === label,
        (count) => `${plural(count, 'row repeats', 'rows repeat')} an earlier example`,
      ),
  },
  contradicting_labels: {
    description: 'a completion that is desirable in one row and undesirable in another, for the same prompt',
    fix: 'keep one of the two rows, or none: they cancel each other out',
    start: () =>
      earlierRows(
        (label, before) => before !== label,
        (count) =>
          `${plural(count, 'row has', 'rows have')} the other label than an earlier row with the same completion`,
      ),
  },
  one_label: {
    description: 'sets in which all completions have the same label',
    fix: 'add completions of the other kind: without them a policy only learns to raise, or to lower, all of them',
    start() {
      const counts = labelCounter();
      return {
        add: counts.add,
        result: () => {
          const { desirable, undesirable, rows } = counts.read();
          if (desirable > 0 && undesirable > 0) return undefined;
          const count = desirable + undesirable;
          if (count === 0) return undefined;
          return {
            count,
            rows,
            message: `all ${count} completions are ${desirable > 0 ? 'desirable' : 'undesirable'}`,
          };
        },
      };
    },
  },
  unbalanced_labels: {
    description: 'sets with far more completions of one label than of the other',
    fix: 'give the rarer kind a weight: desirableWeight or undesirableWeight so that weight times count is about equal (KTO, equation 8)',
    start() {
      const counts = labelCounter();
      return {
        add: counts.add,
        result: () => {
          const { desirable, undesirable, rows } = counts.read();
          const ratio = desirable / undesirable;
          if (desirable === 0 || undesirable === 0 || (ratio >= unbalanced.least && ratio <= unbalanced.most))
            return undefined;
          const count = Math.min(desirable, undesirable);
          return { count, rows, message: `${desirable} completions are desirable and ${undesirable} undesirable` };
        },
      };
    },
  },
} satisfies Record<string, UnpairedCheck>;

/** The id of a check of unpaired sets. */
export type UnpairedCheckId = keyof typeof unpairedChecks;

/** Equal weights are in the range of KTO's equation 8 up to four thirds as many of one kind. */
const unbalanced = { least: 3 / 4, most: 4 / 3 };

/** Finds rows whose completion came before, with a label that `matters`. */
function earlierRows(
  matters: (label: boolean, before: boolean) => boolean,
  message: (count: number) => string,
): RunningUnpairedCheck {
  const labels = new Map<number, boolean>();
  const rows = rowCounter();
  return {
    add(example, row) {
      const key = keyOf(example);
      const before = labels.get(key);
      if (before === undefined) labels.set(key, example.label);
      else if (matters(example.label, before)) rows.add(row);
    },
    result: () => rows.found(message),
  };
}

/** Counts labels, and keeps the first rows of the rarer one. */
function labelCounter() {
  const [desirable, undesirable] = [rowCounter(), rowCounter()];
  return {
    add: ({ label }: UnpairedExample, row: number): void => (label ? desirable : undesirable).add(row),
    read() {
      const isRarer = desirable.count() > 0 && (desirable.count() <= undesirable.count() || undesirable.count() === 0);
      const { rows = [] } = (isRarer ? desirable : undesirable).found(() => '') ?? {};
      return { desirable: desirable.count(), undesirable: undesirable.count(), rows };
    },
  };
}
