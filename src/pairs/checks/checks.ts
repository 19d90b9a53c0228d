/**
 * What a set of pairs can suffer from although each of its rows is a pair: one row of the table a check, which sees the
 * pairs one by one and keeps hashes and numbers of them, never their texts.
 */
import type { PreferencePair } from '../pair.js';
import { hashOf, promptKey } from '../rows/duplicates.js';

/** What a check found in a set. */
export interface Found {
  /** How many rows it concerns. */
  readonly count: number;
  /** The first of them, or those that show it; of a dataset of several files counted through them. */
  readonly rows: readonly number[];
  /** What was found, in a sentence without a full stop. */
  readonly message: string;
}

interface Check {
  /** What is looked for. */
  readonly description: string;
  /** What to do about it. */
  readonly fix: string;
  start(): Looking;
}

interface Looking {
  see(pair: PreferencePair, row: number): void;
  /** Undefined where there is nothing to tell. */
  end(): Found | undefined;
}

const rowsShown = 5;

/** Rows that are counted, of which the first few are named. */
function counted() {
  const rows: number[] = [];
  let count = 0;
  return {
    add(...numbers: readonly number[]) {
      count += 1;
      for (const row of numbers) if (rows.length < rowsShown) rows.push(row);
    },
    count: () => count,
    found: (message: (count: number) => string): Found | undefined =>
      count === 0 ? undefined : { count, rows, message: message(count) },
  };
}

const plural = (count: number, one: string, many: string) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** A check of each pair by itself. */
function each(test: (pair: PreferencePair) => boolean, message: (count: number) => string): Pick<Check, 'start'> {
  return {
    start() {
      const rows = counted();
      return { see: (pair, row) => test(pair) && rows.add(row), end: () => rows.found(message) };
    },
  };
}

/** A check that finds what came before by its key. */
function repeated(key: (pair: PreferencePair) => number, message: (count: number) => string): Pick<Check, 'start'> {
  return {
    start() {
      const seen = new Set<number>();
      const rows = counted();
      return {
        see(pair, row) {
          const hash = key(pair);
          if (seen.has(hash)) rows.add(row);
          else seen.add(hash);
        },
        end: () => rows.found(message),
      };
    },
  };
}

/** A check that finds sets of which a part has something and a part has not; who can't have it counts for neither. */
function mixed(
  has: (pair: PreferencePair) => boolean | undefined,
  message: (having: number, all: number) => string,
): Pick<Check, 'start'> {
  return {
    start() {
      const [having, lacking] = [counted(), counted()];
      return {
        see(pair, row) {
          const answer = has(pair);
          if (answer !== undefined) (answer ? having : lacking).add(row);
        },
        end() {
          const fewer = having.count() <= lacking.count() ? having : lacking;
          return fewer.found(() => message(having.count(), having.count() + lacking.count()));
        },
      };
    },
  };
}

const normal = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

export const checks = {
  duplicate_pairs: {
    description: 'rows whose prompt and both responses came before',
    fix: 'remove them: apolab convert IN OUT --deduplicate',
    ...repeated(
      (pair) => hashOf(promptKey(pair), pair.chosen, pair.rejected),
      (count) => `${plural(count, 'row repeats', 'rows repeat')} a pair that came before`,
    ),
  },
  duplicate_prompts: {
    description: 'rows whose prompt came before, with whatever responses',
    fix: 'keep them together when you split the set into training and test',
    ...repeated(
      (pair) => hashOf(promptKey(pair)),
      (count) => `${plural(count, 'row has', 'rows have')} a prompt that came before`,
    ),
  },
  contradictions: {
    description: 'a text that is chosen in one row and rejected in another, for the same prompt',
    fix: 'keep one of the two rows, or none: together they teach nothing',
    start() {
      const [chosen, rejected] = [new Set<number>(), new Set<number>()];
      const rows = counted();
      return {
        see(pair, row) {
          const prompt = promptKey(pair);
          const [won, lost] = [hashOf(prompt, pair.chosen), hashOf(prompt, pair.rejected)];
          if (rejected.has(won) || chosen.has(lost)) rows.add(row);
          chosen.add(won);
          rejected.add(lost);
        },
        end: () =>
          rows.found(
            (count) =>
              `${plural(count, 'row prefers', 'rows prefer')} what a row before rejects, or rejects what it prefers`,
          ),
      };
    },
  },
  nearly_equal: {
    description: 'responses that differ in case and white space alone',
    fix: 'remove them, unless that is what you want to teach',
    ...each(
      ({ chosen, rejected }) => normal(chosen) === normal(rejected),
      (count) => `in ${plural(count, 'row', 'rows')} the responses differ in case or white space alone`,
    ),
  },
  blank_columns: {
    description: 'columns beside the pair that hold nothing but white space',
    fix: 'leave such a column out of the row, or write its text',
    ...each(
      ({ rationale, columns = {} }) =>
        [rationale, ...Object.values(columns)].some((value) => typeof value === 'string' && value.trim() === ''),
      (count) => `${plural(count, 'row has', 'rows have')} a column of white space alone`,
    ),
  },
  partial_rationales: {
    description: 'rationales in some rows only',
    fix: 'trainers ignore rationales; fill them in where a report shall show them',
    ...mixed(
      ({ rationale }) => rationale !== undefined,
      (having, all) => `${having} of ${all} pairs have a rationale`,
    ),
  },
  partial_scores: {
    description: 'scores in some rows only',
    fix: 'score the others too, or leave scores out',
    ...mixed(
      ({ scores }) => scores !== undefined,
      (having, all) => `${having} of ${all} pairs have both scores`,
    ),
  },
  scores_against: {
    description: 'a chosen response whose score is not the higher one',
    fix: 'swap the responses where the score is right, remove ties',
    ...each(
      ({ scores }) => scores !== undefined && scores.chosen <= scores.rejected,
      (count) => `in ${plural(count, 'row', 'rows')} the chosen response scores no higher than the rejected one`,
    ),
  },
  mixed_forms: {
    description: 'conversations in some rows and plain texts in others',
    fix: 'write one form, since a trainer reads one: apolab convert IN OUT --form conversational',
    ...mixed(
      ({ conversation }) => conversation !== undefined,
      (having, all) => `${having} of ${all} pairs are conversations, the others plain texts`,
    ),
  },
  mixed_systems: {
    description: 'system messages in some conversations only',
    fix: 'give all of them a system message or none, unless the difference is meant',
    ...mixed(
      ({ conversation }) => conversation?.[0]?.role === 'system',
      (having, all) => `${having} of ${all} pairs start with a system message`,
    ),
  },
  mixed_spacing: {
    description: 'plain responses that start with a space in some rows only',
    fix: 'decide for one: prompt and response are joined as they are, and a space makes other tokens',
    ...mixed(
      ({ chosen, conversation }) => (conversation === undefined ? /^\s/.test(chosen) : undefined),
      (having, all) => `${having} of ${all} chosen responses start with white space`,
    ),
  },
  templates_in_text: {
    description: "marks of a chat template, or an assistant's turn that is begun already, inside of a text",
    fix: 'write the turns as lists of {role, content}: the template of the model adds its marks, and would add them twice',
    ...each(
      ({ prompt, chosen, rejected }) =>
        [prompt, chosen, rejected].some((text) => templateMarks.test(text)) ||
        /(^|\n)\s*(assistant|ai)\s*:\s*$/i.test(prompt),
      (count) => `${plural(count, 'row has', 'rows have')} marks of a chat template in a text`,
    ),
  },
  length_extremes: {
    description: 'texts that are far longer than the others',
    fix: 'look at them: trainers cut them off, and one may fill a batch',
    start: () => lengthExtremes(),
  },
  length_bias: {
    description: 'chosen responses that are nearly always the longer ones, or the shorter ones',
    fix: 'a policy learns length before anything else; add pairs that go the other way, or control for length',
    start: () => lengthBias(),
  },
} satisfies Record<string, Check>;

export type CheckId = keyof typeof checks;

const templateMarks =
  /<\|(im_start|im_end|start_header_id|end_header_id|eot_id|begin_of_text|user|assistant|system|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>|<start_of_turn>|<end_of_turn>/;

/** Longer than this many times the median, and than this many characters. */
const extreme = { times: 20, characters: 4000 };

function lengthExtremes(): Looking {
  // Four bytes a text: what is extreme is known at the end alone.
  const lengths = numbers();
  const rows = numbers();
  return {
    see({ prompt, chosen, rejected }, row) {
      lengths.push(Math.max(prompt.length, chosen.length, rejected.length));
      rows.push(row);
    },
    end() {
      const all = lengths.values();
      if (all.length === 0) return undefined;
      const median = Float64Array.from(all).sort()[all.length >> 1]!;
      const limit = Math.max(extreme.characters, extreme.times * median);
      const found = counted();
      for (const [index, length] of all.entries()) if (length > limit) found.add(rows.values()[index]!);
      return found.found(
        (count) =>
          `${plural(count, 'row has', 'rows have')} a text of more than ${Math.round(limit)} characters, ` +
          `where half of the rows stay below ${median}`,
      );
    },
  };
}

/** A share as far from a half as this, in that many pairs or more, is no chance. */
const bias = { share: 0.9, pairs: 50 };

function lengthBias(): Looking {
  const tally = { longer: 0, shorter: 0, rows: [] as number[] };
  return {
    see({ chosen, rejected }, row) {
      if (chosen.length > rejected.length) tally.longer += 1;
      if (chosen.length < rejected.length) tally.shorter += 1;
      if (tally.rows.length < rowsShown) tally.rows.push(row);
    },
    end() {
      const { longer, shorter, rows } = tally;
      const all = longer + shorter;
      const count = Math.max(longer, shorter);
      if (all < bias.pairs || count < bias.share * all) return undefined;
      const which = longer > shorter ? 'longer' : 'shorter';
      return { count, rows, message: `the chosen response is the ${which} one in ${count} of ${all} pairs` };
    },
  };
}

/** A growing list of whole numbers, four bytes each. */
function numbers() {
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
