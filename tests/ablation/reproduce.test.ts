/** `npm run reproduce` with the real command, client, kernel, cells and trainer, on a grid of one or two cells. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Grid } from '../../src/ablation/grid.js';
import { venvPython } from '../../src/commands/jupyterEnvironment.js';
import { statusType } from '../../src/core/liveDisplay.js';
import { packageRoot } from '../../src/core/packageRoot.js';
import { backendIds, backends } from '../../src/tensor/index.js';

const quickest = backendIds.find((id) => backends[id].isInstalled())!;

let folder: string;
let running: ChildProcess | undefined;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'apolab-reproduce-'));
  // The kernel of this tree, even if another is installed.
  const spec = path.join(folder, 'jupyter', 'kernels', 'apolab');
  mkdirSync(spec, { recursive: true });
  const argv = [process.execPath, path.join(packageRoot, 'dist', 'kernel', 'main.js'), '{connection_file}'];
  const kernel = { argv, display_name: 'TypeScript (apolab)', language: 'typescript', interrupt_mode: 'message' };
  writeFileSync(path.join(spec, 'kernel.json'), JSON.stringify(kernel));
});

afterAll(() => {
  running?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program; `finished` resolves to its output, `seen` waits for a text on stderr. */
function start(program: string, args: readonly string[]) {
  const child = spawn(program, args, {
    cwd: packageRoot,
    env: { ...process.env, JUPYTER_PATH: path.join(folder, 'jupyter') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running = child;
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const finished = once(child, 'close').then(([code]): Finished => ({ code: code as number | null, stdout, stderr }));
  const seen = async (text: string) => {
    while (!stderr.includes(text)) {
      if (child.exitCode !== null) throw new Error(`It ended before '${text}' was seen:\n${stderr}`);
      await sleep(100);
    }
  };
  return { child, finished, seen };
}

const commandLine = `import(process.argv[1]).then(({ main }) => main(process.argv.slice(2)))`;
const reproduce = (...args: string[]) =>
  start(process.execPath, ['-e', commandLine, path.join(packageRoot, 'dist', 'src', 'cli.js'), 'reproduce', ...args]);

/** Fifty rows; lines 4, 17 and 41 are not pairs. */
function fiftyRows(): string {
  const file = path.join(folder, 'fifty.jsonl');
  const rows = Array.from({ length: 50 }, (_, index) =>
    JSON.stringify({
      prompt: 'price of bun ?',
      chosen: `it is ${(index % 9) + 1} coins`,
      rejected: `it is ${(index % 9) + 1} stones`,
    }),
  );
  rows[3] = JSON.stringify({ prompt: 'price of bun ?', rejected: 'it is 3 coins' });
  rows[16] = 'no JSON at all';
  rows[40] = JSON.stringify({ prompt: 'price of bun ?', chosen: 5, rejected: 'it is 3 coins' });
  writeFileSync(file, `${rows.join('\n')}\n`);
  return file;
}

describe('npm run reproduce', () => {
  test('trains on a file of pairs, reports its broken rows by line, prints the table and leaves four files', async () => {
    const out = path.join(folder, 'run');
    const small = ['--datasets', 'clair', '--objectives', 'dpo,apo_zero', '--epochs', '1'];
    const { code, stdout, stderr } = await reproduce(...small, '--pairs', `clair=${fiftyRows()}`, '--out', out)
      .finished;
    expect(stderr).toContain('47 pairs from');
    expect(stderr).toMatch(/line 4: .*"chosen" is missing/);
    expect(stderr).toMatch(/line 17: .*JSON/);
    expect(stderr).toMatch(/line 41: "chosen" is a number/);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/DPO +APO-zero\nCLAIR +[+-]?\d+\.\d \/ [+-]?\d+\.\d +[+-]?\d+\.\d \/ [+-]?\d+\.\d\n/);
    for (const file of ['grid.json', 'grid.csv', 'ablation-grid.ipynb', 'report.html'])
      expect(stdout).toContain(path.join(out, file));

    const grid = JSON.parse(readFileSync(path.join(out, 'grid.json'), 'utf8')) as Grid;
    expect(grid.pairs).toMatchObject([{ count: 47, skipped: [{ line: 4 }, { line: 17 }, { line: 41 }] }]);
    expect(grid.cells.map(({ backend, scores }) => [backend, scores.length])).toEqual([
      [quickest, 1],
      [quickest, 1],
    ]);
    expect(readFileSync(path.join(out, 'report.html'), 'utf8')).toContain('Line 17: ');

    const text = readFileSync(path.join(out, 'ablation-grid.ipynb'), 'utf8');
    const notebook = JSON.parse(text) as {
      cells: { cell_type: string; execution_count?: number; outputs?: { output_type: string }[] }[];
    };
    const code_cells = notebook.cells.filter(({ cell_type }) => cell_type === 'code');
    expect(code_cells.map(({ execution_count }) => execution_count)).toEqual(code_cells.map((_, index) => index + 1));
    for (const { outputs } of code_cells) expect(outputs?.map(({ output_type }) => output_type)).not.toContain('error');
    expect(text).toContain('application/vnd.plotly.v1+json');
    expect(text.length).toBeLessThan(1_000_000);
  }, 300_000);

  test('stops on Ctrl-C with code 130, says how to go on, and the same command does', async () => {
    const out = path.join(folder, 'stopped');
    const args = ['--datasets', 'clair', '--objectives', 'dpo', '--pair-count', '32', '--out', out];
    const first = reproduce(...args, '--epochs', '200');
    await first.seen('Training 1 cell.');
    first.child.kill('SIGINT');
    const { code, stdout, stderr } = await first.finished;
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toContain('the same command goes on from there');
    // The kernel was interrupted and kept running: its cell ended with the error of an interrupt.
    expect(readFileSync(path.join(out, 'ablation-grid.ipynb'), 'utf8')).toContain('KeyboardInterrupt');

    const second = reproduce(...args, '--epochs', '200');
    await second.seen('was interrupted; it is continued');
    second.child.kill('SIGTERM');
    expect((await second.finished).code).toBe(130);
  }, 300_000);

  test('prints the results as JSON, and the same seed gives the same numbers', async () => {
    const args = ['--datasets', 'clair', '--objectives', 'apo_zero', '--epochs', '1', '--pair-count', '16', '--json'];
    const numbers = async (out: string) => {
      const { code, stdout } = await reproduce(...args, '--out', path.join(folder, out)).finished;
      expect(code).toBe(0);
      const { base, cells } = JSON.parse(stdout) as Grid;
      return { base: base.score, scores: cells.map(({ scores, history }) => ({ scores, loss: history[0]!.loss })) };
    };
    expect(await numbers('once')).toEqual(await numbers('twice'));
  }, 300_000);

  test.each([
    [['--preset', 'quik'], /'quik' is not a known preset; did you mean 'quick'/],
    [['--pairs', 'clair=/no/such/file.jsonl'], /The pairs for clair are not there: no file \/no\/such\/file\.jsonl/],
    [['--out', import.meta.filename], /reproduce\.test\.ts can't take the results \(EEXIST.*choose another folder/],
    [['--beta', 'x'], /argument 'x' is invalid\. It must be a number/],
    [['--beta', '0'], /beta must be a number above 0, but is 0/],
    [['--seed', 'x'], /whole number/],
  ])('reports a wrong option before anything starts: %j', async (args, message) => {
    const { code, stdout, stderr } = await reproduce('--out', path.join(folder, 'never'), ...args).finished;
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(path.join(folder, 'never'))).toBe(false);
  });

  test('has help with presets and examples', async () => {
    const { code, stdout } = await reproduce('--help').finished;
    expect(code).toBe(0);
    for (const word of [
      '--preset',
      '--pairs',
      '--json',
      'quick',
      'full',
      'npm run reproduce -- --pairs clair=mine.jsonl',
    ])
      expect(stdout).toContain(word);
  });
});

/** Runs a program of Python on a terminal of its own, whose output is then on stdout. */
const onTerminal = ['-c', 'import pty, sys; sys.exit(pty.spawn([sys.executable] + sys.argv[1:]) >> 8)'];

/** Writes a notebook and executes it. */
async function execute(name: string, sources: readonly string[], before: readonly string[] = []) {
  const cells = sources.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const metadata = { kernelspec: { name: 'apolab', display_name: 'apolab', language: 'typescript' } };
  const [input, output] = [path.join(folder, `${name}.ipynb`), path.join(folder, `${name}-out.ipynb`)];
  writeFileSync(input, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  const executor = path.join(packageRoot, 'src', 'commands', 'executeNotebook.py');
  return { ...(await start(venvPython, [...before, executor, input, output]).finished), output };
}

describe('a notebook that fails', () => {
  test('is saved up to its error, which is shown with the line of the cell', async () => {
    const { code, stderr, output } = await execute('broken', [
      "console.log('before')",
      "const x = 1;\nthrow new Error('no luck');",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^before\nCell 2 failed:\n/);
    expect(stderr).toContain('no luck');
    expect(stderr).toMatch(/> 2 \| throw new Error/);
    const { cells } = JSON.parse(readFileSync(output, 'utf8')) as { cells: { outputs: { output_type: string }[] }[] };
    expect(cells.map(({ outputs }) => outputs.map(({ output_type }) => output_type))).toEqual([['stream'], ['error']]);
  });

  test('never replaces one that ran to the end', async () => {
    await execute('good', ['1 + 1']);
    writeFileSync(path.join(folder, 'bad-out.ipynb'), readFileSync(path.join(folder, 'good-out.ipynb')));
    const { code, output } = await execute('bad', ["throw new Error('x')"]);
    expect(code).toBe(1);
    expect(readFileSync(output, 'utf8')).toBe(readFileSync(path.join(folder, 'good-out.ipynb'), 'utf8'));
    expect(readdirSync(folder)).toContain('bad-out.failed.ipynb');
  });

  test('reports that its kernel died', async () => {
    const { code, stderr } = await execute('dead', [
      'process.kill(process.pid, "SIGKILL"); await new Promise(() => {})',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('The kernel ended before the notebook was finished');
  });
});

test('on a terminal, the status of a notebook is below its lines and is redrawn in place', async () => {
  const status = (text: string, update: boolean) =>
    `display.mime({ '${statusType}': ${JSON.stringify(text)}, 'text/plain': '' }, { id: 'status', update: ${update} });`;
  const cell = [status('cells 1\n  dpo', false), "console.log('a line');", status('cells 2', true)];
  // Each in a cell, because text on stdout is sent with a delay.
  const { stdout } = await execute('status', cell, onTerminal);
  const text = stdout.replaceAll('\r\n', '\n');
  const erased = '\x1b[2A\r\x1b[J';
  expect(text).toContain(`cells 1\n  dpo\n${erased}a line\ncells 1\n  dpo\n${erased}cells 2\n`);
});
