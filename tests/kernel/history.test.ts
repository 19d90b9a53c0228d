import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { matchesGlob } from '../../kernel/protocol/history.js';
import { HistoryFile, historyPath, parseHistory } from '../../kernel/protocol/historyFile.js';
import { KernelProcess } from './kernelProcess.js';

const kernels: KernelProcess[] = [];
afterEach(() => Promise.all(kernels.splice(0).map((kernel) => kernel.stop())));

const freshFolder = () => mkdtemp(path.join(tmpdir(), 'apolab-history-'));

async function startKernel(history: string): Promise<KernelProcess> {
  const kernel = await KernelProcess.start(undefined, { APOLAB_HISTORY: history });
  kernels.push(kernel);
  return kernel;
}

async function ask(kernel: KernelProcess, content: object): Promise<unknown> {
  return (await kernel.request('history_request', { output: false, raw: true, ...content })).history;
}
const tail = (kernel: KernelProcess, n = 100) => ask(kernel, { hist_access_type: 'tail', n });

describe('history', () => {
  it('goes from one kernel to the next, by tail, range and search', async () => {
    const file = path.join(await freshFolder(), 'deep/history.jsonl');
    const first = await startKernel(file);
    await first.execute("const a = 'żółw';");
    await first.execute('a.length');
    await first.execute('throw new Error("kept too")');
    await first.call('shutdown');

    const second = await startKernel(file);
    await second.execute('a');
    await second.execute('6 * 7');
    await second.execute('6 * 7');
    await second.execute('hidden', { store_history: false });
    const cells = [
      [1, 1, "const a = 'żółw';"],
      [1, 2, 'a.length'],
      [1, 3, 'throw new Error("kept too")'],
      [2, 1, 'a'],
      [2, 2, '6 * 7'],
      [2, 3, '6 * 7'],
    ];
    expect(await tail(second)).toEqual(cells);
    expect(await tail(second, 2)).toEqual(cells.slice(-2));
    expect(await tail(second, 0)).toEqual([]);
    const range = (session: number, bounds = {}) => ask(second, { hist_access_type: 'range', session, ...bounds });
    expect(await range(0)).toEqual(cells.slice(3));
    expect(await range(-1)).toEqual(cells.slice(0, 3));
    expect(await range(1, { start: 2, stop: 3 })).toEqual([cells[1]]);
    expect(await range(7)).toEqual([]);
    const search = (given: object) => ask(second, { hist_access_type: 'search', ...given });
    expect(await search({ pattern: 'a*' })).toEqual([cells[1], cells[3]]);
    expect(await search({ pattern: '? ?[*]? 7', n: 5 })).toEqual([]);
    expect(await search({ pattern: '? ? 7' })).toEqual(cells.slice(4));
    expect(await search({ pattern: '*7', unique: true })).toEqual([cells[5]]);
    expect(await search({ pattern: '*', n: 1 })).toEqual([cells[5]]);
    expect(await ask(second, { hist_access_type: 'range', session: -1, start: 2, output: true })).toEqual([
      [1, 2, ['a.length', '4']],
      [1, 3, ['throw new Error("kept too")', null]],
    ]);
    // Other users must not read it.
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('of two kernels at once is complete, each under its own session', async () => {
    const file = path.join(await freshFolder(), 'history.jsonl');
    const both = await Promise.all([startKernel(file), startKernel(file)]);
    await Promise.all(
      both.map(async (kernel, which) => {
        for (let cell = 0; cell < 20; cell++) await kernel.execute(`${which} + ${cell}`);
      }),
    );
    await Promise.all(both.map((kernel) => kernel.call('shutdown')));
    const { entries, broken } = await new HistoryFile(file).read();
    expect(broken).toBe(0);
    expect(new Set(entries.map(({ session }) => session))).toEqual(new Set([1, 2]));
    for (const which of [0, 1]) {
      const own = entries.filter(({ input }) => input.startsWith(`${which} +`));
      expect(own.map(({ count, input, output }) => [count, input, output])).toEqual(
        Array.from({ length: 20 }, (_, cell) => [cell + 1, `${which} + ${cell}`, String(which + cell)]),
      );
      expect(new Set(own.map(({ session }) => session)).size).toBe(1);
    }
  });

  it('skips broken lines and keeps the good ones around them', async () => {
    const file = path.join(await freshFolder(), 'history.jsonl');
    await writeFile(
      file,
      '{"session":4,"count":1,"input":"good","output":null}\n{"session":4,"cou\nnonsense\n{"session":4,"count":2,"inp{"session":4,"count":3,"input":"spoilt by the line before","output":"1"}\n',
    );
    const kernel = await startKernel(file);
    await kernel.execute('1');
    expect(await tail(kernel)).toEqual([
      [4, 1, 'good'],
      [4, 3, 'spoilt by the line before'],
      [5, 1, '1'],
    ]);
    expect(parseHistory(await readFile(file, 'utf8')).broken).toBe(3);
  });

  it('of this session works if the file cannot be written, and cells run as usual', async () => {
    const folder = await freshFolder();
    const taken = path.join(folder, 'a-file');
    await writeFile(taken, '');
    const kernel = await startKernel(path.join(taken, 'history.jsonl'));
    await kernel.execute('1 + 1');
    await kernel.execute('2');
    expect(await tail(kernel)).toEqual([
      [1, 1, '1 + 1'],
      [1, 2, '2'],
    ]);
    expect(await kernel.call('log')).toMatch(/^\[apolab\] the history file: [^\n]*a-file[^\n]*\n$/);
  });

  // Root can write everywhere.
  it.skipIf(process.getuid?.() === 0)('reads what a folder holds that may not be written', async () => {
    const folder = await freshFolder();
    await writeFile(path.join(folder, 'history.jsonl'), '{"session":4,"count":1,"input":"old","output":null}\n');
    await chmod(path.join(folder, 'history.jsonl'), 0o400);
    await chmod(folder, 0o500);
    const kernel = await startKernel(path.join(folder, 'history.jsonl'));
    await kernel.execute('1');
    expect(await tail(kernel)).toEqual([
      [4, 1, 'old'],
      [5, 1, '1'],
    ]);
  });

  it('is not written to a file if it is off', async () => {
    expect(historyPath({ APOLAB_HISTORY: 'off' })).toBeUndefined();
    const kernel = await startKernel('off');
    await kernel.execute('1');
    expect(await tail(kernel)).toEqual([[1, 1, '1']]);
  });
});

describe('the history file', () => {
  it('stays bounded and loses no line of another kernel that writes meanwhile', async () => {
    const folder = await freshFolder();
    const file = path.join(folder, 'history.jsonl');
    const writers = [new HistoryFile(file), new HistoryFile(file)];
    const sessions = await Promise.all(writers.map((writer) => writer.claim()));
    expect([...sessions].sort()).toEqual([1, 2]);
    const input = 'x'.repeat(100_000);
    const cells = 100; // 20 MB in all
    await Promise.all(
      writers.map(async (writer, which) => {
        for (let count = 1; count <= cells; count++) {
          await writer.add({ session: sessions[which]!, count, input, output: null });
        }
      }),
    );
    const files = await readdir(folder);
    const sizes = await Promise.all(files.map(async (name) => (await stat(path.join(folder, name))).size));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(10_500_000);
    const { entries, broken } = await writers[0]!.read();
    expect(broken).toBe(0);
    // The latest cells of each session are there, without a gap.
    for (const session of sessions) {
      const counts = entries.filter((entry) => entry.session === session).map(({ count }) => count);
      expect(counts).toEqual(Array.from({ length: counts.length }, (_, index) => cells - counts.length + 1 + index));
      expect(counts.length).toBeGreaterThan(10);
    }
    expect(await new HistoryFile(file).claim()).toBe(3);
  });

  it('is set aside when a session begins with thousands of cells in it', async () => {
    const folder = await freshFolder();
    const file = path.join(folder, 'history.jsonl');
    await mkdir(folder, { recursive: true });
    for (let cell = 0; cell < 5001; cell++) {
      await appendFile(file, `${JSON.stringify({ session: 1, count: cell, input: '1', output: null })}\n`);
    }
    const history = new HistoryFile(file);
    expect(await history.claim()).toBe(2);
    expect((await readdir(folder)).sort()).toEqual([
      'history.jsonl',
      expect.stringMatching(/^history\.jsonl\.\d+-\d+$/),
    ]);
    expect((await history.read()).entries).toHaveLength(5001);
  });

  it('keeps the beginning of a long output, and refuses a very long cell', async () => {
    const history = new HistoryFile(path.join(await freshFolder(), 'history.jsonl'));
    await history.claim();
    await history.add({ session: 1, count: 1, input: 'long', output: 'y'.repeat(1_000_000) });
    const [entry] = (await history.read()).entries;
    expect(entry!.output).toBe(`${'y'.repeat(4000)}...`);
    await expect(history.add({ session: 1, count: 2, input: 'z'.repeat(300_000), output: null })).rejects.toThrow(
      'is too long for it',
    );
  });

  it('refuses a file that keeps nothing', async () => {
    await expect(new HistoryFile('/dev/null').claim()).rejects.toThrow('does not keep what is written to it');
  });
});

it.each([
  ['', '', true],
  ['', '*', true],
  ['', '?', false],
  ['abc', 'a*c', true],
  ['abc', 'a?c', true],
  ['abc', 'b', false],
  ['line\nline', 'line*line', true],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['mississippi', 'm*iss*p?', true],
  ['mississippi', 'm*iss*p?x', false],
  ['a'.repeat(5000), `${'*a'.repeat(50)}*b`, false],
])('%j matches the glob %j: %s', (text, glob, matches) => {
  expect(matchesGlob(text, glob)).toBe(matches);
});
