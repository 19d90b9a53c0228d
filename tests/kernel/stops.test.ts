/** Stops of every kind of cell: at their moment, twice, and five hundred at random moments. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { errorOf, KernelProcess, resultOf, textOf } from './kernelProcess.js';

const stops = 500;
let kernel: KernelProcess;
beforeAll(async () => {
  kernel = await KernelProcess.start();
  await kernel.execute(
    'let kept = 41; const pause = (ms: number) => new Promise((done) => setTimeout(done, ms)); await pause(1);',
  );
});
afterAll(() => kernel.stop());

/** Runs a cell up to its print of `started`, stops it so often, and returns its answer. */
async function stopped(code: string, times = 1) {
  const parent = await kernel.sendCell(code);
  await kernel.untilPrinted(parent, 'started');
  for (let time = 0; time < times; time++) {
    if (time > 0) await sleep(150);
    await kernel.call('interrupt');
  }
  return kernel.finish(parent);
}

const childrenOf = (pid: number) => {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
  } catch {
    return [];
  }
};

describe('a stop', () => {
  it('rejects what a cell waits for, once: code that catches it goes on', async () => {
    const code =
      "let caught = 0; console.log('started'); for (let i = 0; i < 5; i++) { try { await pause(300); } catch { caught += 1; } } caught";
    const answer = await stopped(code);
    expect(resultOf(answer)).toBe('1');
  });

  it('of a cell that goes on is explained, and the second one abandons it for good', async () => {
    const code =
      "let turns = 0; console.log('started'); while (true) { try { turns += 1; await pause(30); } catch {} }";
    const parent = await kernel.sendCell(code);
    await kernel.untilPrinted(parent, 'started');
    await kernel.call('interrupt');
    await kernel.untilPrinted(parent, 'Interrupt it again to abandon it');
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    const turns = resultOf(await kernel.execute('turns'));
    expect(Number(turns)).toBeGreaterThan(2);
    await sleep(200);
    expect(resultOf(await kernel.execute('turns'))).toBe(turns);
  });

  it('leaves the functions of an abandoned cell usable', async () => {
    await stopped(
      "async function useful() { await pause(1); return 'useful'; } console.log('started'); for (;;) { try { await pause(20); } catch {} }",
      2,
    );
    expect(resultOf(await kernel.execute('await useful()'))).toBe("'useful'");
  });

  it.each([
    [
      'an emitter',
      "import { EventEmitter } from 'node:events'; const emitter = new EventEmitter(); emitter.on('go', () => { console.log('started'); for (;;); }); setImmediate(() => emitter.emit('go')); await new Promise(() => undefined);",
    ],
    [
      'a socket',
      "import net from 'node:net'; const server = net.createServer((socket) => { socket.on('data', () => { console.log('started'); for (;;); }); }); await new Promise<void>((done) => server.listen(0, '127.0.0.1', done)); const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1', () => client.write('x')); await new Promise(() => undefined);",
    ],
    [
      'a child process',
      "import { spawn } from 'node:child_process'; const child = spawn('true'); child.on('exit', () => { console.log('started'); for (;;); }); await new Promise(() => undefined);",
    ],
  ])('reaches a loop in the callback of %s', async (_name, code) => {
    expect(errorOf(await stopped(code)).ename).toBe('KeyboardInterrupt');
    expect(resultOf(await kernel.execute('kept'))).toBe('41');
  });

  it.each(['sleep 20', "trap '' INT; sleep 20"])('ends execSync(%j)', async (command) => {
    const code = `import { execSync } from 'node:child_process'; console.log('started'); execSync(${JSON.stringify(command)});`;
    const began = performance.now();
    const { ename } = errorOf(await stopped(code));
    expect(['KeyboardInterrupt', 'Error']).toContain(ename);
    // Not a measurement: without a stop it takes twenty seconds.
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(resultOf(await kernel.execute('kept'))).toBe('41');
  });

  it('of an idle kernel ends the intervals of earlier cells, and says so', async () => {
    const { reply } = await kernel.execute('let ticks = 0; const ticking = setInterval(() => { ticks += 1; }, 20);');
    expect(reply.status).toBe('ok');
    await sleep(1200);
    const parent = await kernel.sendCell("'last'");
    await kernel.finish(parent);
    await kernel.call('interrupt');
    await sleep(300);
    const ticks = resultOf(await kernel.execute('ticks'));
    await sleep(200);
    expect(resultOf(await kernel.execute('ticks'))).toBe(ticks);
  });

  it('of a cell that reads standard input comes after a hint', async () => {
    const answer = await stopped(
      "console.log('started'); process.stdin.on('data', () => undefined); await pause(5_000);",
    );
    expect(textOf(answer, 'stderr')).toContain("await input('Name? ')");
  });
});

const kinds: readonly string[] = [
  'kept',
  'await 1; kept',
  'await pause(20); kept',
  'while (true) {}',
  'for (;;) await null;',
  'await new Promise(() => undefined);',
  'for (;;) { try { await pause(10); } catch {} }',
  'await new Promise(() => setTimeout(() => { for (;;); }, 1));',
  'async function* ticks2() { for (;;) { await pause(3); yield 1; } } for await (const tick of ticks2()) {}',
  "import { EventEmitter as Emitter } from 'node:events'; const e = new Emitter(); e.on('x', () => { for (;;); }); setTimeout(() => e.emit('x'), 2); await new Promise(() => undefined);",
  "import { execSync as runSync } from 'node:child_process'; runSync('sleep 2');",
  'display(kept); setInterval(() => undefined, 5); await pause(15);',
];

it(`${stops} seeded stops over ${kinds.length} kinds of cells lose no variable and no kernel`, async () => {
  const random = createRandom(11, 'stops');
  for (let sent = 0; sent < stops;) {
    const parent = await kernel.sendCell(random.pick(kinds));
    // Single stops, and bursts; some cells need a second one.
    while (!(await kernel.call<boolean>('has_reply', { parent }))) {
      await sleep(120 * random.uniform());
      const burst = random.uniform() < 0.3 ? 3 : 1;
      for (let one = 0; one < burst; one++) {
        await kernel.call('interrupt');
        sent += 1;
      }
    }
    expect(['ok', 'error']).toContain((await kernel.finish(parent)).reply.status);
  }
  expect(await kernel.call('alive')).toBe(true);
  await sleep(1500);
  const answers = [];
  do answers.push(await kernel.execute('1 + 1'));
  while (resultOf(answers.at(-1)!) === undefined && answers.length < 4);
  expect(resultOf(answers.at(-1)!)).toBe('2');
  expect(resultOf(await kernel.execute('kept'))).toBe('41');
}, 900_000);

it('a kernel’s children end with it', async () => {
  const other = await KernelProcess.start();
  const pid = Number(
    resultOf(await other.execute("import { spawn } from 'node:child_process'; spawn('sleep', ['600']); process.pid")),
  );
  const children = childrenOf(pid);
  expect(children.length).toBeGreaterThan(0);
  // As Jupyter restarts a kernel: by a message first.
  await other.call('shutdown', { restart: true });
  await other.stop();
  for (const child of children) expect(() => process.kill(Number(child), 0)).toThrow('ESRCH');
}, 60_000);
