/** The workshop set: its file is valid, its card and its arithmetic are right, and its parts do what they promise. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { workshop } from '../../src/datasets/index.js';
import { buildFromParts, type BuilderId, builderIds, clair, collect, contrastiveness, type PreferencePair } from '../../src/preference.js';
import type { Responder } from '../../src/responders/responder.js';
import type { WorkshopRow } from '../../src/datasets/workshop.js';

const read = (file: string) => readFileSync(path.join(workshop.folder, file), 'utf8');
const rows = workshop.rows();
const card = read('README.md');

const responseColumns = ['policy', 'revision', 'policy_second', 'weak_first', 'weak_second', 'stronger'] as const;
const texts = (row: WorkshopRow) =>
  Object.entries(row).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const words = (text: string) => text.split(/\s+/).length;

describe('workshop.jsonl', () => {
  it('is the file of SHA256SUMS and of the card', () => {
    const sum = createHash('sha256').update(read('workshop.jsonl')).digest('hex');
    expect(read('SHA256SUMS')).toBe(`${sum}  workshop.jsonl\n`);
    expect(card).toContain(sum);
  });

  it('has six prompts of every kind of task, no two alike', () => {
    const kinds = [...new Set(rows.map(({ task }) => task))];
    const ids = [1, 2, 3, 4, 5, 6].flatMap((round) => kinds.map((task) => `${task}-${round}`));
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(read('workshop.jsonl').trimEnd().split('\n')).toHaveLength(rows.length);
    expect(new Set(rows.map(({ prompt }) => prompt.toLowerCase())).size).toBe(rows.length);
  });

  it.each(rows)('$id is complete, with six different responses and scores from 1 to 10', (row) => {
    for (const [column, text] of texts(row)) {
      expect(text, column).toBe(text.trim());
      expect(text, column).not.toBe('');
    }
    expect(new Set(responseColumns.map((column) => row[column])).size).toBe(6);
    for (const column of responseColumns) {
      expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], column).toContain(row[`score_${column}`]);
    }
    expect(Object.keys(row)).toHaveLength(16);
  });

  it.each(rows)('$id has straight quotes, code fences and brackets in pairs', (row) => {
    const count = (text: string, mark: string) => text.split(mark).length - 1;
    for (const [column, text] of texts(row)) {
      expect(text, column).not.toMatch(/[“”„‘’]/);
      expect(count(text, '"') % 2, column).toBe(0);
      expect(count(text, '```') % 2, column).toBe(0);
      expect(count(text, '('), column).toBe(count(text, ')'));
      expect(count(text.replaceAll(/```.*?```/gs, ''), '**') % 2, column).toBe(0);
    }
  });
});

describe('the revisions', () => {
  const pairs = rows.map(({ prompt, revision, policy }) => ({ prompt, chosen: revision, rejected: policy }));
  const { pairs: each, jaccard } = contrastiveness(pairs);

  it.each(rows.map(({ id }, index) => ({ id, ...each[index]! })))('$id keeps most words: $jaccard', (one) => {
    expect(one.jaccard).toBeGreaterThan(0.5);
  });

  it('keep seven words of ten, and are much closer to the answer of the policy than its second or the stronger answer is', () => {
    expect(jaccard).toBeGreaterThan(0.7);
    for (const column of ['policy_second', 'stronger'] as const) {
      const others = rows.map((row) => ({ prompt: row.prompt, chosen: row[column], rejected: row.policy }));
      expect(contrastiveness(others).jaccard).toBeLessThan(jaccard / 2);
    }
  });

  it('score higher than what they revise, except for two whose flaw the judge overlooks', () => {
    expect(rows.every((row) => row.score_revision >= row.score_policy)).toBe(true);
    const overlooked = rows.filter((row) => row.score_revision === row.score_policy);
    expect(overlooked).toHaveLength(2);
    for (const { id } of overlooked) expect(card).toContain(`\`${id}\``);
  });

  it.each(rows)('$id does not hint at being one', ({ revision }) => {
    expect(revision).not.toMatch(/\b(revis|previous answer|original answer|the student's|teacher)/i);
  });
});

describe('what can be computed', () => {
  // Computed here, if possible in another way than in the texts; both right answers contain each result.
  const results: Readonly<Record<string, string>> = {
    'arithmetic_word_problem-1': `${(217 * 60) / (12 * 60 + 15 - (9 * 60 + 40))} km/h`,
    'arithmetic_word_problem-2': `${(80 * 75 * 125) / 100 ** 2} €`,
    'arithmetic_word_problem-3': `${Math.ceil((2 * (2 * 5 * 2.5 + 2 * 4 * 2.5)) / 9 / 2.5)} tins`,
    'arithmetic_word_problem-4': `${(4 / 6) * 15} eggs`,
    'arithmetic_word_problem-5': `${85 + 13 + 0 - 6} points`,
    'arithmetic_word_problem-6': `${(6 * 3) / (6 + 3)} hours`,
  };

  it.each(rows.filter(({ task }) => task === 'arithmetic_word_problem'))('$id has the right result', (row) => {
    const result = results[row.id]!;
    expect(row.revision).toContain(result);
    expect(row.stronger).toContain(result);
  });

  it('the JSON that is asked for is JSON, with what the sentence says', () => {
    const row = rows.find(({ prompt }) => prompt.includes('as JSON'))!;
    const expected = {
      name: 'Zoë Müller',
      city: 'Łódź',
      date: '2023-04-03',
      amount: 1250.5,
      purpose: 'repair of the roof',
    };
    for (const text of [row.revision, row.stronger]) {
      expect(JSON.parse(text.replaceAll(/```(json)?/g, ''))).toEqual(expected);
    }
  });

  it.each(rows)('$id: every equation of plain numbers holds', ({ revision, stronger }) => {
    for (const text of [revision, stronger]) {
      for (const { equation, left, right } of equations(text)) expect(left, equation).toBeCloseTo(right, 2);
    }
  });
});

describe('the card', () => {
  it('has the numbers of the file', () => {
    expect(card).toContain(`**Rows**: ${rows.length}`);
    for (const line of [...contrastivenessTable(), ...answersTable()]) expect(card).toContain(line);
  });

  it('names every kind of task', () => {
    for (const { task } of rows) expect(card).toContain(`\`${task}\``);
  });

  it('explains every column', () => {
    for (const column of Object.keys(rows[0]!)) expect(card).toContain(`\`${column}\``);
  });
});

describe('the parts', () => {
  const options = { temperature: 1, seed: 0 };
  const [first, second] = [rows[0]!, rows[1]!];
  const responders: readonly Responder[] = [workshop.policy, ...workshop.weak, workshop.stronger];

  it('are the prompts of the rows, in their order', () => {
    expect(workshop.prompts()).toEqual(rows.map(({ prompt }) => prompt));
  });

  it('the policy has two answers, one per sample, whatever the seed', async () => {
    const asked = [first.prompt, second.prompt];
    for (const seed of [0, 7]) {
      const answers = (sample: number) => workshop.policy.respond(asked, { temperature: 0.7, seed, sample });
      expect(await answers(0)).toEqual([first.policy, second.policy]);
      expect(await answers(1)).toEqual([first.policy_second, second.policy_second]);
    }
    expect(await workshop.policy.respond(asked, options)).toEqual([first.policy, second.policy]);
  });

  it('the policy has no third answer, and says so', async () => {
    const reason = expect.stringContaining('2 answers to a prompt, and sample 3 was asked for') as string;
    expect(await workshop.policy.respond([first.prompt], { ...options, sample: 2 })).toEqual([
      { kind: 'skipped', reason },
    ]);
  });

  it('a responder with one answer gives it for every sample', async () => {
    const answers = await workshop.stronger.respond([first.prompt], { ...options, sample: 1 });
    expect(answers).toEqual([first.stronger]);
  });

  it('answer a conversation whose last message is a prompt', async () => {
    const conversation = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: second.prompt },
    ];
    expect(await workshop.stronger.respond([conversation], options)).toEqual([second.stronger]);
    expect(await workshop.judge.score(conversation, second.stronger, 0)).toBe(second.score_stronger);
  });

  it('refuse a prompt that is not in the set, each with the reason', async () => {
    const unknown = { kind: 'skipped', reason: expect.stringContaining('not a prompt of the workshop set') as string };
    for (const responder of responders) expect(await responder.respond(['Who?'], options)).toEqual([unknown]);
    expect(await workshop.reviser.revise('Who?', 'Me.', 0)).toEqual(unknown);
    expect(await workshop.judge.score('Who?', 'Me.', 0)).toEqual(unknown);
  });

  it('the reviser revises the first answers and no others', async () => {
    const { revision: response, rationale } = first;
    expect(await workshop.reviser.revise(first.prompt, first.policy, 0)).toEqual({
      kind: 'revised',
      response,
      rationale,
    });
    expect(await workshop.reviser.revise(first.prompt, first.policy_second, 0)).toMatchObject({ kind: 'skipped' });
  });

  it('the judge knows the score of every response, and refuses a response that it has no score for', async () => {
    for (const row of rows) {
      for (const column of responseColumns) {
        expect(await workshop.judge.score(row.prompt, row[column], 0)).toBe(row[`score_${column}`]);
      }
    }
    expect(await workshop.judge.score(first.prompt, second.policy, 0)).toMatchObject({ kind: 'skipped' });
  });

  it('have names of their own', () => {
    const names = [...responders, workshop.reviser, workshop.judge].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^workshop /);
  });
});

describe('the builders over the parts', () => {
  const { policy, reviser, judge, stronger, weak } = workshop;
  const common = { prompts: workshop.prompts(), seed: 0 };
  const parts = { policy, reviser, judge, responders: weak, stronger };

  it.each(builderIds)('%s makes the pairs of the columns, and reports every tie', async (set) => {
    const stream = buildFromParts(set, parts, common);
    const pairs = await collect(stream);
    const bare = pairs.map(({ prompt, chosen, rejected }) => ({ prompt, chosen, rejected }));
    expect(bare).toEqual(pairsOf[set](rows));
    expect(pairs.length + stream.skipped.length).toBe(rows.length);
    for (const { reason } of stream.skipped) expect(reason).toContain('the judge prefers neither');
    expect(stream.skipped.length > 0).toBe(set.startsWith('judge'));
  });

  it('clair has the rationales, and a judge skips the two revisions that it does not prefer', async () => {
    const rationales = (await collect(clair({ ...common, policy, reviser }))).map(({ rationale }) => rationale);
    expect(rationales).toEqual(rows.map(({ rationale }) => rationale));
    expect(await collect(clair({ ...common, policy, reviser, judge }))).toHaveLength(rows.length - 2);
  });
});

/** The pairs of each kind, straight from the columns: the builders must give the same, and the card counts these. */
const pairsOf = {
  clair: (all) => all.map((row) => ({ prompt: row.prompt, chosen: row.revision, rejected: row.policy })),
  judge_on_policy: (all) => judged(all, 'policy', 'policy_second'),
  judge_off_policy: (all) => judged(all, 'weak_first', 'weak_second'),
  stronger_preferred: (all) => all.map((row) => ({ prompt: row.prompt, chosen: row.stronger, rejected: row.policy })),
} as const satisfies Record<BuilderId, (all: readonly WorkshopRow[]) => PreferencePair[]>;

type ResponseColumn = (typeof responseColumns)[number];

function judged(all: readonly WorkshopRow[], one: ResponseColumn, other: ResponseColumn): PreferencePair[] {
  return all
    .filter((row) => row[`score_${one}`] !== row[`score_${other}`])
    .map((row) =>
      row[`score_${one}`] > row[`score_${other}`]
        ? { prompt: row.prompt, chosen: row[one], rejected: row[other] }
        : { prompt: row.prompt, chosen: row[other], rejected: row[one] },
    );
}

/** The card's lines on the four sets: pairs, ties, means of Jaccard similarity and Levenshtein distance. */
function contrastivenessTable(): string[] {
  return Object.entries(pairsOf).map(([set, make]) => {
    const pairs = make(rows);
    const { jaccard, levenshtein } = contrastiveness(pairs);
    const ties = rows.length - pairs.length;
    return `| \`${set}\` | ${pairs.length} | ${ties} | ${jaccard.toFixed(3)} | ${levenshtein.toFixed(1)} |`;
  });
}

/** The card's lines on the six kinds of answers: mean words and mean score. */
function answersTable(): string[] {
  return responseColumns.map((column) => {
    const length = mean(rows.map((row) => words(row[column])));
    const score = mean(rows.map((row) => row[`score_${column}`]));
    return `| \`${column}\` | ${length.toFixed(1)} | ${score.toFixed(2)} |`;
  });
}

/** Equations of numbers and + - × / ( ) alone, such as "4 × 85 = 340"; none if units or words are in between. */
function equations(text: string): { equation: string; left: number; right: number }[] {
  const number = String.raw`\d[\d,]*(?:\.\d+)?`;
  const side = String.raw`\(*${number}\)*(?: ?[-+×/] ?\(*${number}\)*)*`;
  const found = text.matchAll(new RegExp(String.raw`(?<![\d.,/×+-] ?\(*)(${side}) = (?=(${side}))`, 'g'));
  return [...found]
    .map(([, left, right]) => ({ left: left!, right: right! }))
    .filter(({ left, right }) => [left, right].every((side) => side.split('(').length === side.split(')').length))
    .map(({ left, right }) => ({ equation: `${left} = ${right}`, left: valueOf(left), right: valueOf(right) }));
}

/** Brackets first, then products, then sums. */
function valueOf(expression: string): number {
  const inner = /\(([^()]*)\)/.exec(expression);
  if (inner !== null) return valueOf(expression.replace(inner[0], String(valueOf(inner[1]!))));
  const [head, ...rest] = expression.replaceAll(',', '').match(/[\d.]+|[-+×/]/g)!;
  const terms = [Number(head)];
  for (let index = 0; index < rest.length; index += 2) {
    const value = Number(rest[index + 1]);
    if (rest[index] === '+') terms.push(value);
    else if (rest[index] === '-') terms.push(-value);
    else if (rest[index] === '×') terms.push(terms.pop()! * value);
    else terms.push(terms.pop()! / value);
  }
  return terms.reduce((sum, term) => sum + term, 0);
}
