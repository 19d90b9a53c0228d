/**
 * Sequences of cells: values, errors and the types that inspection shows. `APOLAB_NODES` may name other Nodes (paths separated by colons), on
 * which the same sequences run.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { errors } from './sequences/errors.js';
import { modules } from './sequences/modules.js';
import type { Sequence } from './sequences/sequence.js';
import { syntax } from './sequences/syntax.js';
import { tslabs } from './sequences/tslabs.js';
import { types } from './sequences/types.js';
import { variables } from './sequences/variables.js';

interface Result {
  readonly name: string;
  readonly value?: string;
  readonly error?: string;
  readonly traceback?: string;
  readonly types: Readonly<Record<string, string>>;
}

const topics: Readonly<Record<string, readonly Sequence[]>> = { variables, types, syntax, modules, errors, tslabs };
const nodes = [process.execPath, ...(process.env.APOLAB_NODES?.split(':').filter((node) => node !== '') ?? [])];

const packageOf = (name: string, fields: object) => JSON.stringify({ name, version: '1.0.0', ...fields });
/** The files of the notebook's folder. */
const files: Readonly<Record<string, string>> = {
  'tsconfig.json': '{ "compilerOptions": { "strict": false, "jsx": "react", "jsxFactory": "h" } }',
  'effect.ts': 'const scope: { effect?: number } = globalThis as never;\nscope.effect = 1;\nexport {};\n',
  'shapes.ts':
    'export interface Shape { side: number }\nexport const area = (shape: Shape): number => shape.side * shape.side;\n',
  'five.json': '{ "five": 5 }',
  'late.ts': 'export const late: number = await Promise.resolve(7);\n',
  'later.ts': "import { late } from './late.ts';\nexport const later = late + 1;\n",
  'view.tsx':
    'const h = (tag: string, _properties: unknown, text: string) => ({ tag, text });\ndeclare global { namespace JSX { interface IntrinsicElements { div: object } interface Element { tag: string; text: string } } }\nexport const element = <div>hello</div>;\n',
  'twice.js': 'export const twice = (value) => value * 2;\n',
  'broken.ts': "export function broken(): void {\n  throw new Error('in file');\n}\n",
  'wrong.ts': "export const wrong: number = 'text';\n",
  'node_modules/only-import/package.json': packageOf('only-import', {
    type: 'module',
    exports: { types: './index.d.ts', import: './index.js' },
  }),
  'node_modules/only-import/index.js':
    'export let count = 0;\nexport const add = () => (count += 1);\nexport default (name) => `hello ${name}`;\n',
  'node_modules/only-import/index.d.ts':
    'export declare let count: number;\nexport declare const add: () => number;\nexport default function hello(name: string): string;\n',
  'node_modules/common/package.json': packageOf('common', { main: 'index.js', types: 'index.d.ts' }),
  'node_modules/common/index.js': 'exports.named = 3;\n',
  'node_modules/common/index.d.ts': 'export declare const named: number;\n',
  'node_modules/handles/package.json': packageOf('handles', { main: 'index.js', types: 'index.d.ts' }),
  'node_modules/handles/index.js':
    "class Handle { #content = 'content'; closed = false; read() { return this.#content; } }\nexports.open = () => new Handle();\n",
  'node_modules/handles/index.d.ts':
    'declare class Handle { #content; closed: boolean; read(): string; }\nexport declare function open(): Handle;\n',
  // A folder's own types of Node, of a version that knows nothing, must not matter.
  'node_modules/@types/node/package.json': packageOf('@types/node', { types: 'index.d.ts' }),
  'node_modules/@types/node/index.d.ts': 'declare const nothing: never;\n',
};

async function runOn(node: string, sequences: readonly Sequence[]): Promise<Map<string, Result>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'apolab-sequences-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const input = path.join(folder, 'sequences.json');
  await writeFile(input, JSON.stringify(sequences));
  const runner = path.join(import.meta.dirname, 'runSequences.mjs');
  const { stdout } = await promisify(execFile)(node, [runner, input, folder], { maxBuffer: 2 ** 28 });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"name"'));
  return new Map(lines.map((line) => JSON.parse(line) as Result).map((result) => [result.name, result]));
}

describe.each(nodes)('on %s', (node) => {
  let major: number;
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(node, ['-p', 'process.versions.node']);
    major = Number.parseInt(stdout, 10);
  });

  describe.each(Object.entries(topics))('%s', (_topic, all) => {
    let results: Map<string, Result>;
    beforeAll(async () => {
      results = await runOn(
        node,
        all.filter(({ fromNode = 0 }) => major >= fromNode),
      );
    });

    it.each(all.map((sequence) => [sequence.name, sequence] as const))('%s', (name, sequence) => {
      const { value, error, types: shown = {}, fromNode = 0 } = sequence;
      if (major < fromNode) {
        expect(results.has(name)).toBe(false);
        return;
      }
      const result = results.get(name);
      if (error !== undefined) expect(result?.error?.slice(0, error.length)).toBe(error);
      else expect([result?.value, result?.error]).toEqual([value, undefined]);
      expect(result?.types).toEqual(shown);
    });
  });
});

it('has at least 250 sequences, each with a name of its own', () => {
  const all = Object.values(topics).flat();
  expect(all.length).toBeGreaterThanOrEqual(250);
  for (const topic of Object.values(topics)) expect(new Set(topic.map(({ name }) => name)).size).toBe(topic.length);
});
