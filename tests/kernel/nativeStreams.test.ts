import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, KernelProcess, resultOf, textOf, type KernelMessage } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-native-'));
  kernel = await KernelProcess.start(folder);
  await kernel.execute("import { spawn, spawnSync } from 'node:child_process';\nimport fs from 'node:fs';");
});
afterAll(() => kernel.stop());

/** A cell's code that starts a shell which writes past JavaScript. */
const shell = (script: string) => `spawnSync('sh', ['-c', ${JSON.stringify(script)}], { stdio: 'inherit' });`;

// Windows has no named pipes of this kind: there the descriptors stay as they are.
describe.skipIf(process.platform === 'win32')('what is written to descriptors 1 and 2', () => {
  it('is stdout and stderr of the cell, before its result and its end', async () => {
    const answer = await kernel.execute(`${shell('echo out; echo err >&2')}\nfs.writeSync(1, 'own\\n');\n7`);
    expect(textOf(answer)).toBe('out\nown\n');
    expect(textOf(answer, 'stderr')).toBe('err\n');
    expect(resultOf(answer)).toBe('7');
    const result = answer.sequence.indexOf('execute_result');
    expect(answer.sequence.lastIndexOf('stream')).toBeLessThan(result);
  });

  it('comes before the error of a cell that fails', async () => {
    const answer = await kernel.execute(`${shell('printf last words')}\nthrow new Error('wrong');`);
    expect(answer.outputs.map(({ type }) => type)).toEqual(['stream', 'error']);
    expect(textOf(answer)).toBe('last');
    expect(errorOf(answer).evalue).toBe('wrong');
  });

  it('stays in order with console.log of the same cell', async () => {
    const answer = await kernel.execute(`console.log('a');\n${shell('echo b')}\nconsole.log('c');\n${shell('echo d')}`);
    expect(textOf(answer)).toBe('a\nb\nc\nd\n');
  });

  it('belongs to its own cell, also if cells follow each other fast', async () => {
    const parents = [];
    for (let cell = 0; cell < 20; cell++) parents.push(await kernel.sendCell(`fs.writeSync(1, 'cell ${cell}\\n');`));
    for (const [cell, parent] of parents.entries()) {
      expect(textOf(await kernel.finish(parent))).toBe(`cell ${cell}\n`);
    }
  });

  it('is complete if it is long, and correct if characters are split between writes', async () => {
    const answer = await kernel.execute(
      shell("yes 'żółw 🐢' | head -n 70000; printf '\\360\\237'; sleep 0.05; printf '\\220\\242'"),
    );
    expect(textOf(answer)).toBe(`${'żółw 🐢\n'.repeat(70_000)}🐢`);
  });

  it('is sent while the cell still computes', async () => {
    const flag = path.join(folder, 'go-on');
    const parent = await kernel.sendCell(`${shell('echo live')}\nwhile (!fs.existsSync(${JSON.stringify(flag)})) {}`);
    await kernel.untilPrinted(parent, 'live');
    expect(await kernel.call('has_reply', { parent })).toBe(false);
    await writeFile(flag, '');
    expect((await kernel.finish(parent)).reply.status).toBe('ok');
  });

  it('of a child that outlives its cell is still that cell’s', async () => {
    const flag = path.join(folder, 'speak');
    const parent = await kernel.sendCell(
      `spawn('sh', ['-c', 'while [ ! -e ${flag} ]; do sleep 0.01; done; echo late'], { stdio: 'inherit' });\n1`,
    );
    expect(resultOf(await kernel.finish(parent))).toBe('1');
    await writeFile(flag, '');
    const late = await kernel.call<KernelMessage>('output', { parent });
    expect(late).toMatchObject({ type: 'stream', content: { name: 'stdout', text: 'late\n' } });
  });

  it('is not shown at an earlier cell whose timer prints meanwhile', async () => {
    const earlier = await kernel.sendCell('let ticks = 0;\nconst ticking = setInterval(() => display(ticks++), 2);');
    await kernel.finish(earlier);
    const answer = await kernel.execute(
      "for (let n = 0; n < 5; n++) { fs.writeSync(1, 'native\\n'); await new Promise((r) => setTimeout(r, 4)); }\nclearInterval(ticking);",
    );
    expect(textOf(answer)).toBe('native\n'.repeat(5));
    expect(answer.outputs.every(({ type }) => type === 'stream')).toBe(true);
  });

  it('does not go to the log of the Jupyter server', async () => {
    const parent = await kernel.sendCell(`fs.writeSync(2, 'in the cell\\n');`);
    expect(textOf(await kernel.finish(parent), 'stderr')).toBe('in the cell\n');
    expect(await kernel.call('log')).not.toContain('in the cell');
    await kernel.call('answer', { value: 'nobody asked' });
    const log = async () => String(await kernel.call('log'));
    while (!(await log()).includes('no question is open')) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(textOf(await kernel.execute('1'), 'stderr')).toBe('');
  });
});

describe("a cell's own streams", () => {
  it('are like those of a program whose output is piped', async () => {
    const answer = await kernel.execute(
      '[process.stdout.fd, process.stderr.fd, process.stdout.isTTY, process.stdout.writable, process.stdout.columns]',
    );
    expect(resultOf(answer)).toBe('[ 1, 2, false, true, 80 ]');
  });

  it('take pipes, bytes and callbacks, and can not be ended', async () => {
    const answer = await kernel.execute(
      `import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
Readable.from(['piped ', 'text\\n']).pipe(process.stdout);
await new Promise((r) => setTimeout(r, 20));
process.stdout.write(Buffer.from('żółw').subarray(0, 1));
process.stdout.write(Buffer.from('żółw').subarray(1));
await new Promise<void>((r) => process.stdout.write('\\n', () => r()));
process.stdout.end('ended\\n');
console.log('and alive');`,
    );
    expect(textOf(answer)).toBe('piped text\nżółw\nended\nand alive\n');
  });

  it('get what a worker thread prints', async () => {
    const answer = await kernel.execute(
      `import { Worker } from 'node:worker_threads';
const worker = new Worker("console.log('from a worker'); console.error('and its errors')", { eval: true });
await new Promise((r) => worker.on('exit', r));`,
    );
    expect(textOf(answer)).toBe('from a worker\n');
    expect(textOf(answer, 'stderr')).toBe('and its errors\n');
  });

  it('work after an interrupt in the middle of a write', async () => {
    const parent = await kernel.sendCell("for (let n = 0; ; n++) console.log('line', n);");
    await kernel.untilPrinted(parent, 'line 100');
    await kernel.call('interrupt');
    expect(errorOf(await kernel.finish(parent)).ename).toBe('KeyboardInterrupt');
    expect(textOf(await kernel.execute("console.log('well');"))).toBe('well\n');
  });
});
