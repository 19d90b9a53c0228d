/** Lint closes every door that rooms.js does not name, finds import circles, and asks for docstrings; the map says the same. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ESLint } from 'eslint';
import { afterEach, describe, expect, it } from 'vitest';
import { rooms } from '../../rooms.js';
import { packageRoot } from '../../src/core/packageRoot.js';

const table = Object.entries<readonly string[]>(rooms);

describe("ARCHITECTURE.md's table of rooms", () => {
  const map = readFileSync(path.join(packageRoot, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...map.matchAll(/^\| `((?:src|kernel)\/[^`]+)\/` +\|[^|]+\| ([^|]+?) +\|$/gm)];

  it('names the rooms of rooms.js in its order, with the same doors', () => {
    const short = (place: string) => `\`${place.replace(/^src\//, '').replace(/\.ts$/, '')}\``;
    const doors = table.map(([room, open]) => [
      room,
      open.length === 0 ? 'nothing' : [...new Set(open)].map(short).join(', '),
    ]);
    expect(rows.map(([, room, open]) => [room, open])).toEqual(doors);
  });

  it('has every folder of src/ and kernel/, and no other', () => {
    const folders = ['src', 'kernel'].flatMap((house) =>
      readdirSync(path.join(packageRoot, house), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${house}/${name}`),
    );
    const named = new Set(table.map(([room]) => room.split('/').slice(0, 2).join('/')));
    expect([...named].sort()).toEqual(folders.sort());
  });
});

describe('lint of imports', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What dependency-cruiser says about a program of these files, by the project's own rules. */
  function cruise(files: Readonly<Record<string, string>>): { readonly status: number | null; readonly text: string } {
    folder = mkdtempSync(path.join(tmpdir(), 'apolab-doors-'));
    const all = { 'tsconfig.json': '{}', 'src/index.ts': 'export {};\n', 'kernel/main.ts': 'export {};\n', ...files };
    for (const [file, text] of Object.entries(all)) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    const program = path.join(packageRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = path.join(packageRoot, '.dependency-cruiser.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--config', config, 'src', 'kernel'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, text: stdout + stderr };
  }

  const value = 'export const value = 1;\n';
  const type = 'export interface Shape { readonly size: number }\n';

  it('lets an open door be', () => {
    expect(
      cruise({ 'src/core/a.ts': value, 'src/training/b.ts': "export { value } from '../core/a.js';\n" }),
    ).toMatchObject({ status: 0 });
  });

  it.each([
    ['src/core', 'src/training', "import { value } from '../training/b.js';\nexport const own = value;\n"],
    ['src/pairs', 'src/builders', "import type { Shape } from '../builders/b.js';\nexport type Own = Shape;\n"],
    ['kernel/wire', 'kernel/language', "export { value } from '../language/b.js';\n"],
    ['kernel/language', 'src/training', "export const load = () => import('../../src/training/b.js');\n"],
  ])('finds an import of %s from %s', (room, closed, text) => {
    const { status, text: said } = cruise({ [`${room}/a.ts`]: text, [`${closed}/b.ts`]: value + type });
    expect(status).not.toBe(0);
    expect(said).toContain(`closed door of ${room}: ${room}/a.ts`);
  });

  it('finds a circle, of types too', () => {
    const { status, text } = cruise({
      'src/core/a.ts': `import type { Shape } from './b.js';\nexport const shape: Shape = { size: 1 };\n`,
      'src/core/b.ts': `import { shape } from './a.js';\n${type}export const size = shape.size;\n`,
    });
    expect(status).not.toBe(0);
    expect(text).toContain('import circle');
  });
});

describe('lint of docstrings', () => {
  // With CI=true, typescript-eslint reads a file from the disk the first time, not the text that it was given.
  const givenText = { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } };
  const eslint = new ESLint({ cwd: packageRoot, overrideConfig: givenText });
  const rulesOf = async (text: string) => {
    const [result] = await eslint.lintText(text, { filePath: path.join(packageRoot, 'src/core/errors.ts') });
    return result!.messages.map(({ ruleId }) => ruleId);
  };

  it.each([
    'export function answer(): number {\n  return 42;\n}\n',
    'export const answers = { one: 1 };\n',
    'export class Answer {}\n',
    'export type Answer = number;\n',
    'export interface Answer {\n  readonly value: number;\n}\n',
  ])('asks for one: %s', async (text) => {
    expect(await rulesOf(text)).toContain('jsdoc/require-jsdoc');
    expect(await rulesOf(`/** The answer. */\n${text}`)).not.toContain('jsdoc/require-jsdoc');
  });
});
