/** The README is true: its cells are those of the notebooks, its commands and links exist. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../src/commands/index.js';
import { packageRoot } from '../src/core/packageRoot.js';

const read = (file: string) => readFileSync(path.join(packageRoot, file), 'utf8');
const readme = read('README.md');
const between = (name: string) => readme.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';

const cellsOf = (name: string) => {
  const notebook = JSON.parse(read(`notebooks/${name}.ipynb`)) as {
    cells: { cell_type: string; source: string | string[] }[];
  };
  const code = notebook.cells.filter(({ cell_type }) => cell_type === 'code');
  return code.map(({ source }) => [source].flat().join('').trimEnd());
};
const shownOf = (name: string) => [...between(name).matchAll(/```ts\n(.*?)\n```/gs)].map(([, code]) => code);

test('the cells shown are cells of notebooks/first-steps.ipynb, in their order', () => {
  const places = shownOf('first-steps').map((cell) => cellsOf('first-steps').indexOf(cell!));
  expect(places.length).toBeGreaterThanOrEqual(4);
  expect(places).toEqual([...new Set(places)].filter((place) => place >= 0).sort((a, b) => a - b));
});

test('the cell beside the picture of pairs is one of notebooks/preference-data.ipynb', () => {
  const [cell] = shownOf('preference-data');
  expect(cellsOf('preference-data')).toContain(cell);
});

test('every command of the changelog and the README exists', () => {
  const named = [...`${readme}\n${read('CHANGELOG.md')}`.matchAll(/npx apolab ([a-z][a-z-]*)/g)].map(
    ([, name]) => name,
  );
  expect(named.length).toBeGreaterThan(0);
  for (const name of named) expect(Object.keys(commands)).toContain(name);
});

test('every linked picture and page exists', () => {
  for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    expect(() => readFileSync(path.join(packageRoot, target!, target!.includes('.') ? '' : 'README.md'))).not.toThrow();
  }
});
