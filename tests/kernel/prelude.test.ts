/** The globals of every cell, and display. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendIds, backends } from '../../src/tensor/index.js';
import { errorOf, KernelProcess, resultOf } from './kernelProcess.js';

let kernel: KernelProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'apolab-notebook-'));
  kernel = await KernelProcess.start(folder);
});
afterAll(() => kernel.stop());

describe('the prelude', () => {
  it('computes with tensors on a backend that is ready, and shows them briefly', async () => {
    await kernel.execute('const matrix: tf.Tensor2D = tf.tensor2d([[1, 2], [3, 4]]);');
    const answer = await kernel.execute('matrix.matMul(matrix)');
    expect(resultOf(answer)).toBe(
      'Tensor float32 [2, 2]  min 7  mean 13.5  max 22  std 5.67891\n[ [ 7, 10 ], [ 15, 22 ] ]',
    );
    const quickest = backendIds.find((id) => backends[id].isInstalled())!;
    expect(resultOf(await kernel.execute('tf.getBackend()'))).toBe(`'${quickest}'`);
  });

  it('prints tensors briefly too, also inside other values', async () => {
    const { outputs } = await kernel.execute('console.log(tf.scalar(3)); console.log({ inside: tf.zeros([0]) });');
    const printed = outputs.map(({ content }) => content.text).join('');
    expect(printed).toContain('Tensor float32 []\n3\n');
    expect(printed).toContain('inside: Tensor float32 [0]');
  });

  it('checks calls of the globals', async () => {
    const { evalue } = errorOf(await kernel.execute('tf.matMul(1);'));
    expect(evalue).toContain('Expected 2-4 arguments, but got 1.');
  });

  it('shares its tensors with danfojs and shows a frame as a table', async () => {
    const answer = await kernel.execute("const frame = new dfd.DataFrame({ n: [1, 2], s: ['a', '<b>'] });\nframe");
    const { data } = answer.outputs.find(({ type }) => type === 'execute_result')!.content as {
      data: Record<string, string>;
    };
    expect(data['text/plain']).toBe('   n      s\n   int32  string\n0  1      a\n1  2      <b>');
    expect(data['text/html']).toContain('>&lt;b&gt;</td>');
    const same = await kernel.execute("frame['n'].tensor instanceof tf.Tensor");
    expect(resultOf(same)).toBe('true');
  });

  it('draws plotly figures', async () => {
    const { outputs } = await kernel.execute(
      "Plotly.newPlot([{ type: 'scatter', y: [1, 2] }], { title: { text: 'T' } })",
    );
    const { data } = outputs[0]!.content as { data: Record<string, unknown> };
    expect(data['application/vnd.plotly.v1+json']).toMatchObject({
      data: [{ type: 'scatter', y: [1, 2] }],
      layout: { title: { text: 'T' } },
    });
  });

  it('lets a cell declare a variable with the name of a global', async () => {
    await kernel.execute("const datasets = ['mine'];");
    expect(resultOf(await kernel.execute('datasets[0]'))).toBe("'mine'");
  });

  it.each([
    'tf',
    'dfd',
    'Plotly',
    'objectives',
    'preference',
    'models',
    'training',
    'world',
    'evaluation',
    'ablation',
    'charts',
    'display',
    'progress',
    'watch',
    'input',
  ])('has %s, typed', async (name) => {
    expect(resultOf(await kernel.execute(`typeof ${name}`))).toMatch(/^'(?:object|function)'$/);
    const reply = await kernel.request('inspect_request', { code: name, cursor_pos: 1, detail_level: 0 });
    expect(String((reply.data as Record<string, unknown>)['text/plain'])).not.toMatch(/: any$/);
  });
});

describe('display', () => {
  it('sends display_data, replaces it by id, and clears', async () => {
    const { outputs } = await kernel.execute(
      "display('one', { id: 'x' }); display('two', { id: 'x', update: true }); display.clear();",
    );
    expect(outputs.map(({ type }) => type)).toEqual(['display_data', 'update_display_data', 'clear_output']);
    expect(outputs[1]!.content).toMatchObject({ data: { 'text/plain': "'two'" }, transient: { display_id: 'x' } });
  });

  it("awaits a value's asynchronous display method before the cell ends", async () => {
    const { sequence } = await kernel.execute(
      "display({ async [Symbol.for('Jupyter.display')]() { await new Promise((r) => setTimeout(r, 30)); return { 'text/html': '<b>' }; } });",
    );
    expect(sequence).toEqual(['busy', 'execute_input', 'display_data', 'idle']);
  });

  it.each([
    ['a cell', ''],
    ['a cell that fails', "throw new Error('later');"],
  ])('awaits the values of tensors that are read asynchronously before %s ends', async (_, last) => {
    const { sequence, outputs } = await kernel.execute(
      `const late = { dataId: {}, shape: [1], dtype: 'float32', size: 1, isDisposed: false,
        dataSync() { throw new Error('asynchronous only'); },
        data: () => new Promise<number[]>((resolve) => setTimeout(() => resolve([7]), 30)) };
      display(late); console.log('after'); ${last}`,
    );
    const failed = last === '' ? [] : ['error'];
    const shown = ['display_data', 'stream', 'update_display_data', ...failed];
    expect(sequence).toEqual(['busy', 'execute_input', ...shown, 'idle']);
    const [placeholder, , value] = outputs.map(({ content }) => content.data as Record<string, string>);
    expect([placeholder!['text/plain'], value!['text/plain']]).toEqual([
      'Tensor float32 [1] ...',
      'Tensor float32 [1]\n[ 7 ]',
    ]);
  });

  it('shows progress in one output that is updated', async () => {
    const { outputs } = await kernel.execute('for (const step of progress([1, 2], { label: "steps" })) {}');
    expect(outputs[0]!.type).toBe('display_data');
    expect(outputs.slice(1).every(({ type }) => type === 'update_display_data')).toBe(true);
    const { data } = outputs.at(-1)!.content as { data: Record<string, string> };
    expect(data['text/plain']).toContain('steps [########################] 2/2');
  });
});
