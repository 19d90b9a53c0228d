/** Long loops, much output and long sessions: nothing is lost, every channel answers, and nothing grows that isn't kept on purpose. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelProcess, resultOf, textOf } from './kernelProcess.js';

const cells = 500;
/** Cells that declare nothing new: while the engine still optimises the compiler's code, every cell is slow. */
const warmUpCells = 60;
const cellsTimeout = 600_000;

let kernel: KernelProcess;

beforeAll(async () => {
  kernel = await KernelProcess.start();
});
afterAll(() => kernel.stop());

describe('a kernel under load', () => {
  it('prints a hundred thousand lines in one cell completely and in order', async () => {
    const answer = await kernel.execute('for (let line = 0; line < 100_000; line++) console.log(line);');
    // Compared as a boolean: a difference of two such texts is a megabyte long.
    expect(textOf(answer) === Array.from({ length: 100_000 }, (_, line) => `${line}\n`).join('')).toBe(true);
  });

  it('echoes heartbeats all through a synchronous loop of ten seconds', async () => {
    const code = "console.log('spinning');\nconst end = Date.now() + 10_000;\nwhile (Date.now() < end) {}\n'done'";
    const parent = await kernel.sendCell(code);
    await kernel.untilPrinted(parent, 'spinning');
    let echoes = 0;
    while (!(await kernel.call<boolean>('has_reply', { parent }))) {
      expect(await kernel.call('heartbeat')).toBe('ping');
      echoes += 1;
    }
    // One echo at the most if it had to wait for the loop.
    expect(echoes).toBeGreaterThan(10);
    expect(resultOf(await kernel.finish(parent))).toBe("'done'");
  });
});

describe(`a session of ${cells} cells`, () => {
  interface Sample {
    /** Microseconds of processor time that the process has used; other processes do not count. */
    readonly used: number;
    /** Bytes in use after a full garbage collection. */
    readonly heap: number;
  }
  const samples: Sample[] = [];

  beforeAll(async () => {
    await kernel.stop();
    kernel = await KernelProcess.start();
    await kernel.execute(
      [
        "import { setFlagsFromString } from 'node:v8';",
        "import { runInNewContext } from 'node:vm';",
        "setFlagsFromString('--expose-gc');",
        "const collect = runInNewContext('gc') as () => void;",
        'function sample(full: boolean): string {',
        '  const { user, system } = process.cpuUsage();',
        '  if (full) collect();',
        '  return JSON.stringify({ used: user + system, heap: process.memoryUsage().heapUsed });',
        '}',
      ].join('\n'),
    );
    for (let index = 0; index < warmUpCells; index++) {
      await kernel.execute(
        'let warm = 1;\nfunction add(x: number): number { return x + warm; }\nadd(1);\nsample(false)',
      );
    }
    for (let index = 0; index < cells; index++) {
      const code = [
        `const value${index} = ${index};`,
        `function add${index}(x: number): number { return x + value${index}; }`,
        `add${index}(1);`,
        `console.log(sample(${index === 49 || index === cells - 1}));`,
      ];
      samples.push(JSON.parse(textOf(await kernel.execute(code.join('\n')))) as Sample);
    }
  }, cellsTimeout);

  it('has last cells at most 1.5 times as slow as the tenth', () => {
    /** The median cell's processor time in microseconds. */
    const costOfCells = (from: number, to: number) => {
      const costs = samples.slice(from, to).map(({ used }, index) => used - samples[from + index - 1]!.used);
      return costs.sort((a, b) => a - b)[costs.length >> 1]!;
    };
    expect(costOfCells(cells - 20, cells) / costOfCells(10, 30)).toBeLessThan(1.5);
  });

  it('keeps only its cells in memory: scripts, source maps, history and declarations', () => {
    const grown = samples.at(-1)!.heap - samples[49]!.heap;
    // 25 KB per cell of these: parsed source maps, V8's script, and its declarations in the program that the next cell is
    // checked in. Twice that is a leak.
    expect(grown / (cells - 50)).toBeLessThan(50_000);
  });
});
