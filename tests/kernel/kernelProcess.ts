/** A real kernel process with a real Jupyter client (driver.py), for tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { jupyterEnvironment, venvPython } from '../../src/commands/jupyterEnvironment.js';
import { packageRoot } from '../../src/core/packageRoot.js';

/** A message of the kernel, as the client decodes it. */
export interface KernelMessage {
  readonly id: string;
  readonly type: string;
  readonly parent: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Base64. */
  readonly buffers: readonly string[];
}

/** All messages that one request caused. */
export interface Answer {
  readonly reply: Readonly<Record<string, unknown>>;
  /** Without status and execute_input. */
  readonly outputs: readonly KernelMessage[];
  /** Types of all iopub messages, in order. */
  readonly sequence: readonly string[];
}

export interface ShownError {
  readonly ename: string;
  readonly evalue: string;
  /** Joined lines, without colours. */
  readonly traceback: string;
}

/** A Jupyter environment in which only the kernelspec under test, written by the built kernel itself, is new. */
export async function testEnvironment(): Promise<{ env: NodeJS.ProcessEnv; prefix: string }> {
  const prefix = await mkdtemp(path.join(tmpdir(), 'apolab-kernel-'));
  const spec = (await import(path.join(packageRoot, 'dist/kernel/kernelspec/index.js'))) as {
    installKernelspec(options: { prefix: string; name: string }): Promise<string>;
  };
  await spec.installKernelspec({ prefix, name: kernelName });
  return {
    env: {
      ...jupyterEnvironment(),
      JUPYTER_PATH: path.join(prefix, 'share/jupyter'),
      APOLAB_HISTORY: path.join(prefix, 'history.jsonl'),
    },
    prefix,
  };
}

export const kernelName = 'apolab-under-test';

export class KernelProcess {
  readonly #driver: ChildProcess;
  readonly #waiting: { resolve: (value: never) => void; reject: (error: Error) => void }[] = [];
  #errors = '';

  private constructor(env: NodeJS.ProcessEnv) {
    this.#driver = spawn(venvPython, [path.join(import.meta.dirname, 'driver.py')], { env });
    this.#driver.stderr!.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#driver.on('exit', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the driver ended: ${this.#errors}`));
    });
    createInterface({ input: this.#driver.stdout! }).on('line', (line) => {
      const { result, error } = JSON.parse(line) as { result?: unknown; error?: string };
      const { resolve, reject } = this.#waiting.shift()!;
      if (error === undefined) resolve(result as never);
      else reject(new Error(`${error}\n${this.#errors}`));
    });
  }

  /** Starts a kernel in `folder` (by default a new temporary one) and waits until it is ready; `environment` is added to its own. */
  static async start(folder?: string, environment: NodeJS.ProcessEnv = {}): Promise<KernelProcess> {
    const { env, prefix } = await testEnvironment();
    const kernel = new KernelProcess({ ...env, ...environment });
    await kernel.call('start', { kernel: kernelName, folder: folder ?? prefix });
    return kernel;
  }

  /** One of driver.py's operations. */
  call<T = unknown>(operation: string, given: object = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#driver.stdin!.write(`${JSON.stringify({ operation, ...given })}\n`);
    });
  }

  /** Sends a request without waiting; resolves to its id. */
  send(
    type: string,
    content: object,
    channel = 'shell',
    attached: Partial<Pick<KernelMessage, 'metadata' | 'buffers'>> = {},
  ): Promise<string> {
    return this.call('send', { type, content, channel, ...attached });
  }

  sendCell(code: string, options: object = {}): Promise<string> {
    const defaults = { silent: false, store_history: true, user_expressions: {}, allow_stdin: true };
    return this.send('execute_request', { code, stop_on_error: true, ...defaults, ...options });
  }

  /** All outputs up to idle, and the reply. */
  async finish(parent: string): Promise<Answer> {
    const shown = await this.shown(parent);
    const { content } = await this.call<KernelMessage>('reply', { parent });
    return { reply: content, ...shown };
  }

  /** All outputs up to idle, of a message that gets no reply. */
  async shown(parent: string): Promise<Omit<Answer, 'reply'>> {
    const outputs: KernelMessage[] = [];
    const sequence: string[] = [];
    for (;;) {
      const output = await this.call<KernelMessage>('output', { parent });
      sequence.push(output.type === 'status' ? String(output.content.execution_state) : output.type);
      if (sequence.at(-1) === 'idle') break;
      if (output.type !== 'status' && output.type !== 'execute_input') outputs.push(output);
    }
    return { outputs, sequence };
  }

  async execute(code: string, options: object = {}): Promise<Answer> {
    return this.finish(await this.sendCell(code, options));
  }

  async request(type: string, content: object): Promise<Readonly<Record<string, unknown>>> {
    const parent = await this.send(type, content);
    return (await this.call<KernelMessage>('reply', { parent })).content;
  }

  /** Reads outputs of a running cell until its text on stdout contains `text`. */
  async untilPrinted(parent: string, text: string): Promise<void> {
    let printed = '';
    while (!printed.includes(text)) {
      const { type, content } = await this.call<KernelMessage>('output', { parent });
      if (type === 'stream') printed += String(content.text);
      if (type === 'error') throw new Error(`the cell failed: ${String(content.evalue)}`);
    }
  }

  async stop(): Promise<void> {
    await this.call('stop');
    this.#driver.stdin!.end();
  }
}

/** The text/plain of a cell's result. */
export function resultOf({ outputs }: Pick<Answer, 'outputs'>): unknown {
  const data = outputs.find(({ type }) => type === 'execute_result')?.content.data as
    Record<string, unknown> | undefined;
  return data?.['text/plain'];
}

export function textOf({ outputs }: Pick<Answer, 'outputs'>, name: 'stdout' | 'stderr' = 'stdout'): string {
  return outputs
    .filter(({ type, content }) => type === 'stream' && content.name === name)
    .map(({ content }) => content.text)
    .join('');
}

/** The cell's only error message; throws if there is none or more than one. */
export function errorOf({ outputs }: Pick<Answer, 'outputs'>): ShownError {
  const errors = outputs.filter(({ type }) => type === 'error');
  if (errors.length !== 1) throw new Error(`${errors.length} error messages: ${JSON.stringify(outputs)}`);
  const { ename, evalue, traceback } = errors[0]!.content as { ename: string; evalue: string; traceback: string[] };
  return { ename, evalue, traceback: stripVTControlCharacters(traceback.join('\n')) };
}
