/** Jupyter's other programs with this kernel: nbclient, nbconvert and the console in a terminal. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { kernelName, testEnvironment } from './kernelProcess.js';
import { writeNotebook } from './writeNotebook.js';

interface Output {
  readonly output_type: string;
  readonly [field: string]: unknown;
}

let env: NodeJS.ProcessEnv;
let folder: string;

beforeAll(async () => {
  ({ env, prefix: folder } = await testEnvironment());
});

/** Runs a Python program; does not reject for a non-zero exit code. */
async function python(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(venvPython, args, { env, cwd: folder, maxBuffer: 2 ** 26 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

const failing = ['const kept = 20;', "throw new RangeError('out of range');", 'kept + 1'];

describe('nbclient', () => {
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await python([path.join(import.meta.dirname, 'nbclientRun.py'), ...args]);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as {
      error: { ename: string; evalue: string; text: string } | null;
      cells: { count: number | null; outputs: Output[] }[];
    };
  };

  it('reports a failing cell with our name, message and source line, and stops there', async () => {
    const { error, cells } = await run(await writeNotebook(folder, 'failing', failing));
    expect(error).toMatchObject({ ename: 'RangeError', evalue: 'out of range' });
    expect(error!.text).toContain("> 1 | throw new RangeError('out of range');");
    expect(cells.map(({ count }) => count)).toEqual([1, 2, null]);
    expect(cells[2]!.outputs).toEqual([]);
  });

  it('with allow_errors keeps the error as output and goes on', async () => {
    const { error, cells } = await run(await writeNotebook(folder, 'allowed', failing), '--allow-errors');
    expect(error).toBeNull();
    expect(cells[1]!.outputs).toMatchObject([{ output_type: 'error', ename: 'RangeError', evalue: 'out of range' }]);
    expect(cells[2]!.outputs).toMatchObject([{ output_type: 'execute_result', data: { 'text/plain': '21' } }]);
  });

  it('gets an error, and does not wait forever, if a cell asks a question', async () => {
    const { error } = await run(await writeNotebook(folder, 'asking', ["await input('Name? ')"]));
    expect(error!.evalue).toContain("input() can't ask");
  });
});

describe('jupyter nbconvert --execute', () => {
  const convert = (format: string, file: string) =>
    python(['-m', 'nbconvert', '--execute', '--to', format, '--output', 'converted', file]);

  it('writes a notebook with outputs and counts', async () => {
    const file = await writeNotebook(folder, 'fine', ["console.log('printed');", '[1, 2].map((n) => n * 2)']);
    expect((await convert('notebook', file)).code).toBe(0);
    const { cells } = JSON.parse(await readFile(path.join(folder, 'converted.ipynb'), 'utf8')) as {
      cells: { execution_count: number; outputs: Output[] }[];
    };
    expect(cells.map(({ execution_count }) => execution_count)).toEqual([1, 2]);
    expect(cells[0]!.outputs).toMatchObject([{ output_type: 'stream', name: 'stdout', text: ['printed\n'] }]);
    expect(cells[1]!.outputs).toMatchObject([{ output_type: 'execute_result', data: { 'text/plain': ['[ 2, 4 ]'] } }]);
  });

  it('writes a page with highlighted TypeScript and the outputs', async () => {
    const file = await writeNotebook(folder, 'page', ["const shown: string = 'on the page';\nshown.toUpperCase()"]);
    expect((await convert('html', file)).code).toBe(0);
    const page = await readFile(path.join(folder, 'converted.html'), 'utf8');
    expect(page.includes('<span class="kd">const</span>')).toBe(true);
    expect(page.includes('ON THE PAGE')).toBe(true);
  });

  it('exits with 1 and the error if a cell fails', async () => {
    const { code, stderr } = await convert('notebook', await writeNotebook(folder, 'broken', failing));
    expect(code).toBe(1);
    expect(stderr).toContain('RangeError: out of range');
  });
});

describe('jupyter console', () => {
  /** Types `steps` on a pseudo-terminal; returns the text up to the end of each pattern. */
  const converse = async (steps: readonly ({ wait: string } | { type: string })[]) => {
    const script = path.join(import.meta.dirname, 'terminal.py');
    const options = [
      `--kernel=${kernelName}`,
      // The default is a second; on a loaded machine the compiler's first answer takes longer.
      '--ZMQTerminalInteractiveShell.kernel_is_complete_timeout=60',
    ];
    const command = [venvPython, '-m', 'jupyter_console', ...options];
    const { code, stdout, stderr } = await python([script, JSON.stringify(steps), ...command]);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { seen: string[]; exit: number };
  };
  const prompt = (count: number) => ({ wait: `In \\[${count}\\]: ` });
  const line = (text: string) => ({ type: `${text}\r` });
  const [up, controlC, controlD] = [{ type: '\u001b[A' }, { type: '\u0003' }, { type: '\u0004' }];

  it('shows results, continues an open function, and recalls earlier input', async () => {
    const continued = { wait: '\\.\\.\\.: ' };
    const { seen, exit } = await converse([
      prompt(1),
      line('1 + 2'),
      { wait: 'Out\\[1\\]: 3' },
      prompt(2),
      line('function double(x: number) {'),
      continued,
      line('return x * 2;'),
      continued,
      line('}'),
      prompt(3),
      line('double(4)'),
      { wait: 'Out\\[3\\]: 8' },
      prompt(4),
      up,
      { wait: 'double\\(4\\)' },
      line(' + 1'),
      { wait: 'Out\\[4\\]: 9' },
      prompt(5),
      controlD,
      { wait: 'Do you really want to exit' },
      line('y'),
    ]);
    expect(seen[0]).toContain('apolab');
    expect(exit).toBe(0);
  });

  it('shows an error, and Ctrl-C ends an endless loop and keeps the variables', async () => {
    const { seen, exit } = await converse([
      prompt(1),
      line('let kept = 41;'),
      prompt(2),
      line('nothing.here'),
      prompt(3),
      line("console.log('spinning'); while (true) {}"),
      { wait: 'spinning\\s*\n' },
      controlC,
      prompt(4),
      line('kept + 1'),
      { wait: 'Out\\[4\\]: 42' },
      prompt(5),
      line('exit'),
    ]);
    expect(seen[2]).toMatch(
      /TypeScriptError: Cannot find name 'nothing'\. \(TS2304\)\ncell-2\.ts:1:1\n> 1 \| nothing\.here/,
    );
    expect(seen[4]).toContain('KeyboardInterrupt: the cell was interrupted; variables keep their values');
    expect(exit).toBe(0);
  });
});
