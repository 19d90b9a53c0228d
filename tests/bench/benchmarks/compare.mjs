/**
 * Verdicts of the benchmarks' rules beside those of the official programs, on real responses:
 * `node tests/bench/benchmarks/compare.mjs --data DIR` (after `npm run build`).
 *
 * DIR has `ifeval/` (prompts.jsonl, and responses-*.jsonl with `key`, `response`, `strict`, `loose`) and `mixeval-hard/`
 * (free-form.json, multiple-choice.json, and responses-*.jsonl with `split`, `id`, `response`, `correct`, `parsed`, `input`).
 * The data are not part of the project. It prints every difference, then the counts; known differences have a reason.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { data: { type: 'string' } } });
const data = values.data ?? '';
const rowsOf = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** Differences that a wrong rule does not explain. */
const reasons = [
  {
    applies: ({ instruction, arguments: given }) =>
      instruction === 'keywords:letter_frequency' && !/^[a-z]$/i.test(given.letter),
    reason: 'the official program of 2023 replaces a letter outside a to z by a random one',
  },
];

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function compareIFeval({ id, example, item, official }) {
  return ['strict', 'loose'].flatMap((how) =>
    example.instruction_id_list.map((instruction, index) => ({
      ...id,
      what: how,
      instruction,
      arguments: example.kwargs[index],
      ours: item.verdict[how][index],
      official: official[how][index],
    })),
  );
}

function compareMixEval({ id, item, official }) {
  return ['correct', 'parsed']
    .filter((what) => what in official && !(what === 'parsed' && official.correct === null))
    .map((what) => ({
      ...id,
      what,
      ours: item.verdict[what] ?? null,
      official: official[what],
      response: item.response,
    }))
    .concat('input' in official ? [{ ...id, what: 'input', ours: item.prompt, official: official.input }] : []);
}

const compared = { ifeval: compareIFeval, mixeval_hard: compareMixEval };
const folders = { ifeval: 'ifeval', mixeval_hard: 'mixeval-hard' };

const { benchmarks, evaluate, readResponses } = await import('../../../dist/src/evaluation/index.js');

if (!existsSync(data)) {
  console.error('Give --data DIR: a folder with ifeval/ and mixeval-hard/, real responses and official verdicts.');
  process.exit(2);
}
for (const [benchmark, compare] of Object.entries(compared)) {
  const folder = path.join(data, folders[benchmark]);
  if (!existsSync(folder) || !(benchmark in benchmarks)) continue;
  const row = benchmarks[benchmark];
  const examples = await row.examples({ data: folder });
  const byId = new Map(examples.map((example) => [JSON.stringify(row.id(example)), example]));
  for (const name of readdirSync(folder).filter((one) => one.startsWith('responses-'))) {
    const file = path.join(folder, name);
    const { items, score, standardError } = await evaluate(await readResponses(file), benchmark, { data: folder });
    const officials = new Map(
      rowsOf(file).map((official) => [
        JSON.stringify(Object.fromEntries(Object.keys(items[0].id).map((field) => [field, official[field]]))),
        official,
      ]),
    );
    const verdicts = items.flatMap((item) => {
      const key = JSON.stringify(item.id);
      return compare({ id: item.id, example: byId.get(key), item, official: officials.get(key) });
    });
    const differences = verdicts.filter(({ ours, official }) => !same(ours, official));
    for (const difference of differences) {
      const known = reasons.find(({ applies }) => applies(difference));
      console.log(JSON.stringify({ benchmark, ...difference, reason: known?.reason ?? 'unknown' }));
    }
    console.log(
      JSON.stringify({
        benchmark,
        file: name,
        responses: items.length,
        missing: officials.size - items.length,
        verdicts: verdicts.length,
        differences: differences.length,
        undecided: items.filter(({ undecided }) => undecided).length,
        score,
        standardError,
      }),
    );
  }
}
