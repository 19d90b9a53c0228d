/** The checks of a set's lengths. */
import { plural, rowCounter, rowsShown, type RunningCheck } from './check.js';

/** A text is an outlier if it has more than this many times the median, and more than this many characters. */
const outlier = { times: 20, characters: 4000 };

/** Finds texts that are far longer than the others. Takes 8 bytes per pair. */
export function lengthOutliers(): RunningCheck {
  const lengths = growingIntegers();
  const rows = growingIntegers();
  return {
    add({ prompt, chosen, rejected }, row) {
      lengths.push(Math.max(prompt.length, chosen.length, rejected.length));
      rows.push(row);
    },
    result() {
      const all = lengths.values();
      if (all.length === 0) return undefined;
      const median = Float64Array.from(all).sort()[all.length >> 1]!;
      const limit = Math.max(outlier.characters, outlier.times * median);
      const found = rowCounter();
      for (const [index, length] of all.entries()) if (length > limit) found.add(rows.values()[index]!);
      return found.found(
        (count) =>
          `${plural(count, 'row has', 'rows have')} a text of more than ${Math.round(limit)} characters; ` +
          `half of the rows have fewer than ${median}`,
      );
    },
  };
}

/** A share of at least this, over at least this many pairs, counts as a bias. */
const bias = { share: 0.9, pairs: 50 };

/** Finds sets in which the chosen response is nearly always the longer one, or nearly always the shorter one. */
export function lengthBias(): RunningCheck {
  let [longer, shorter] = [0, 0];
  const rows: number[] = [];
  return {
    add({ chosen, rejected }, row) {
      if (chosen.length > rejected.length) longer += 1;
      if (chosen.length < rejected.length) shorter += 1;
      if (rows.length < rowsShown) rows.push(row);
    },
    result() {
      const all = longer + shorter;
      const count = Math.max(longer, shorter);
      if (all < bias.pairs || count < bias.share * all) return undefined;
      const which = longer > shorter ? 'longer' : 'shorter';
      return { count, rows, message: `the chosen response is the ${which} one in ${count} of ${all} pairs` };
    },
  };
}

/** A growing list of integers of four bytes each. */
function growingIntegers() {
  let values = new Uint32Array(1024);
  let count = 0;
  return {
    push(value: number) {
      if (count === values.length) {
        const larger = new Uint32Array(2 * count);
        larger.set(values);
        values = larger;
      }
      values[count] = value;
      count += 1;
    },
    values: () => values.subarray(0, count),
  };
}
