/** A notebook of the repository, executed by the built kernel with a real Jupyter client. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { kernelName, testEnvironment } from '../kernel/kernelProcess.js';

/** A cell as its file has it. */
export interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
}

/** An output of an executed cell. */
export interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a cell did. */
export interface ExecutedCell {
  readonly count: number | null;
  readonly outputs: readonly Output[];
}

/** A notebook that ran without an error. */
export interface ExecutedNotebook {
  /** The cells in the repository's file. */
  readonly cells: readonly Cell[];
  /** One per cell. */
  readonly executed: readonly ExecutedCell[];
  /** The folder in which it ran. */
  readonly folder: string;
}

/** Executes a copy of `notebooks/<name>` in an empty folder, without a key for any server. */
export async function runNotebook(name: string): Promise<ExecutedNotebook> {
  const source = path.join(packageRoot, 'notebooks');
  const notebook = JSON.parse(await readFile(path.join(source, name), 'utf8')) as {
    cells: Cell[];
    metadata: { kernelspec: { name: string } };
  };
  const { cells } = notebook;
  const { env, prefix } = await testEnvironment();
  const folder = path.join(prefix, 'notebooks');
  await mkdir(folder);
  // A copy with another kernel name: the kernel under test is installed beside other kernels.
  notebook.metadata.kernelspec.name = kernelName;
  const copy = path.join(folder, name);
  await writeFile(copy, JSON.stringify(notebook));
  await writeFile(path.join(folder, 'tsconfig.json'), await readFile(path.join(source, 'tsconfig.json')));
  const program = path.join(packageRoot, 'tests', 'kernel', 'nbclientRun.py');
  const withoutKey = { ...env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
  const { stdout } = await promisify(execFile)(venvPython, [program, copy], { env: withoutKey, maxBuffer: 2 ** 26 });
  const result = JSON.parse(stdout) as { error: { text: string } | null; cells: ExecutedCell[] };
  expect(result.error?.text).toBeUndefined();
  return { cells, executed: result.cells, folder };
}

/** The outputs of the first code cell that contains these words. */
export function outputsOf({ cells, executed }: ExecutedNotebook, words: string): readonly Output[] {
  const index = cells.findIndex(({ cell_type, source }) => cell_type === 'code' && source.join('').includes(words));
  expect(index, words).toBeGreaterThanOrEqual(0);
  return executed[index]!.outputs;
}

/** The output of the first code cell that contains these words, as text of one kind. */
export function shownBy(notebook: ExecutedNotebook, words: string, kind: 'stream' | 'text/html' | 'text/plain'): string {
  return outputsOf(notebook, words)
    .map((output) => (kind === 'stream' ? output.text : output.data?.[kind]))
    .flatMap((text) => (typeof text === 'string' ? [text] : []))
    .join('\n');
}

/** Expects that the file has no outputs, and that all code cells ran in their order with nothing on standard error. */
export function expectCleanRun({ cells, executed }: ExecutedNotebook): void {
  for (const { cell_type, outputs, execution_count } of cells) {
    if (cell_type === 'code') expect({ outputs, execution_count }).toEqual({ outputs: [], execution_count: null });
  }
  const counts = executed.map(({ count }) => count).filter((count) => count !== null);
  expect(counts).toEqual(counts.map((_, index) => index + 1));
  expect(counts).toHaveLength(cells.filter(({ cell_type }) => cell_type === 'code').length);
  const outputs = executed.flatMap((cell) => cell.outputs);
  expect(outputs.filter(({ name }) => name === 'stderr')).toEqual([]);
}
