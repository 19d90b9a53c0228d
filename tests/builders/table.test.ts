/** The table of builders: every row of the catalog has a function, and gets only its own parts. */
import { expect, it } from 'vitest';
import {
  type BuilderParts,
  builderCatalog,
  builderIds,
  builderLabel,
  builders,
  buildFromParts,
  collect,
} from '../../src/builders/index.js';

const scores: Readonly<Record<string, number>> = { 'policy 0': 3, 'policy 1': 5, one: 2, other: 4 };

/** Parts that record whether they were asked. */
function recordingParts(): { readonly parts: BuilderParts; readonly asked: Set<string> } {
  const asked = new Set<string>();
  const answering = (part: string, text: string) => () => {
    asked.add(part);
    return text;
  };
  return {
    asked,
    parts: {
      policy: (_, { sample = 0 }) => {
        asked.add('policy');
        return `policy ${sample}`;
      },
      reviser: answering('reviser', 'revision'),
      judge: (_, response) => {
        asked.add('judge');
        return scores[response] ?? 0;
      },
      responders: [answering('responders', 'one'), answering('responders', 'other')],
      stronger: answering('stronger', 'stronger'),
    },
  };
}

it.each(builderIds)('%s is built from the parts of its catalog row, and from no others', async (id) => {
  const { parts, asked } = recordingParts();
  const pairs = await collect(buildFromParts(id, parts, { prompts: ['2 + 2?'] }));
  expect(pairs).toMatchObject([{ prompt: '2 + 2?', provenance: { builder: id } }]);
  expect([...asked].sort()).toEqual([...builderCatalog[id].parts].sort());
});

it('has one function per row of the catalog', () => {
  expect(Object.keys(builders)).toEqual(builderIds);
  expect(new Set(Object.values(builders)).size).toBe(builderIds.length);
});

it.each(builderIds)('%s has a label, a summary, a source and a command', (id) => {
  const { label, summary, source, command } = builderCatalog[id];
  expect(builderLabel(id)).toBe(label);
  for (const text of [label, summary, source]) expect(text).toMatch(/^\S.*\S$/);
  expect(command).toMatch(/^apolab [a-z]+ --model /);
});

it('a name that is not an id is its own label', () => expect(builderLabel('my recipe')).toBe('my recipe'));
