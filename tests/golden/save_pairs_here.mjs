// Writes preference pairs with the built library in every format and form, with their expected content, for pairs_load_here.py
// to load with `datasets` and train on with TRL: node tests/golden/save_pairs_here.mjs FOLDER
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { preference } from '../../dist/src/index.js';

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('Give the folder to write into.');
const golden = JSON.parse(await readFile(path.join(import.meta.dirname, 'pair-files.json'), 'utf8'));
const user = (content) => ({ role: 'user', content });
const assistant = (content) => ({ role: 'assistant', content });

const pairs = golden.rows.map(({ prompt, chosen, rejected, rational }, row) => ({
  prompt,
  chosen: ` ${chosen}`,
  rejected: ` ${rejected}`,
  ...(rational === null ? {} : { rationale: rational }),
  scores: { chosen: 8 + (row % 3) / 2, rejected: row % 5 },
  provenance: { builder: 'clair', seed: row, models: { policy: 'tiny', reviser: 'é' }, time: '2024-02-29T12:00:00Z' },
  columns: {
    id: row,
    source: `s${row}`,
    ...(row % 2 === 0 ? { sometimes: ['a', 'b'] } : {}),
    history: [user('hello'), assistant('hi')],
  },
}));
const turns = pairs.map((pair, row) => ({
  ...pair,
  conversation: [
    ...(row % 2 === 0 ? [{ role: 'system', content: 'be brief' }] : []),
    user('hello'),
    assistant('hi'),
    user(pair.prompt),
  ],
}));
for (const [name, set, form] of [
  ['standard', pairs, 'standard'],
  ['conversational', pairs, 'conversational'],
  ['turns', turns, 'as-is'],
]) {
  for (const ending of ['.jsonl', '.parquet', '.csv', '']) {
    await preference.writePairs(path.join(out, `${name}${ending}`), set, { form });
  }
  // The Hub's readers take the splits from the card.
  await preference.writeCard(path.join(out, name), {
    title: name,
    origin: 'golden files',
    licence: 'apache-2.0',
    seed: 6,
  });
  const rows = set.map(({ provenance, ...pair }) => ({ ...pair, provenance: { ...provenance, time: undefined } }));
  await writeFile(path.join(out, `${name}.expected.json`), JSON.stringify({ form, rows }));
}
