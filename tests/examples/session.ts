/** Runs examples as cells: with a cell's globals, what examples take as given, and a user who answers and uses every control. */
import { inspect } from 'node:util';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import { createCommManager } from '../../kernel/comms/commManager.js';
import { createDisplays } from '../../kernel/display/display.js';
import { createLive } from '../../kernel/display/live.js';
import { createProgress } from '../../kernel/display/progress.js';
import { render } from '../../kernel/display/render.js';
import { type KernelGlobals, kernelNames, lazyGlobals, type LazyName } from '../../kernel/globals.js';
import type { Message } from '../../kernel/messages/messages.js';
import { createWatch } from '../../kernel/watch/watch.js';
import { createWidgets } from '../../kernel/widgets/widgets.js';
import { jupyterDisplay } from '../../src/core/display.js';
import { type Example, importsOf, isDeclared, wordsOf } from './docstrings.js';
import { given } from './given.js';

/** What a cell with one example shows for an expression, and what the comment behind it says, '' if there is none. */
export interface Shown {
  readonly shown: string;
  readonly stated: string;
}

/** A kernel's own globals, without a kernel's process: their messages go to a user who reacts to each comm. */
function createGlobals() {
  const displays = createDisplays(() => undefined);
  const opened = new Map<string, number>();
  const manager = createCommManager({
    publish: (type, content) => {
      if (type === 'comm_open') opened.set((content as { comm_id: string }).comm_id, 0);
    },
    call: async (action) => {
      await action();
    },
  });
  const receive = (type: 'comm_msg' | 'comm_close', id: string, data: object) =>
    manager.receive(type, { content: { comm_id: id, data }, metadata: {}, buffers: [] } as unknown as Message);
  /** Clicks, moves and answers each control a few times, then closes it. */
  const useControls = async () => {
    for (const [id, times] of opened) {
      if (!manager.isOpen(id)) continue;
      opened.set(id, times + 1);
      const changes = { method: 'update', state: { value: times / 10, count: times } };
      const click = { method: 'custom', content: { event: 'click' }, clicked: 'a picture' };
      if (times < 6) await receive('comm_msg', id, times % 2 === 0 ? changes : click);
      else await receive('comm_close', id, {});
    }
  };
  const user = setInterval(() => {
    void useControls();
  }, 5);
  const { display } = displays;
  const kernel: KernelGlobals = {
    display,
    live: createLive(displays, setTimeout),
    progress: createProgress(display),
    watch: createWatch(display),
    comms: manager.comms,
    widgets: createWidgets(manager.comms),
    input: () => Promise.resolve('Ada'),
    prompt: () => 'Ada',
    confirm: () => true,
    alert: () => undefined,
  };
  const close = async () => {
    clearInterval(user);
    await displays.settle();
  };
  return { kernel, close };
}

/** Text of the comments between two statements. */
const commentIn = (text: string) =>
  text
    .split('\n')
    .map((line) => /\/\/ ?(.*)/.exec(line)?.[1] ?? '')
    .join('\n')
    .trim();

/** No example declares this name. */
const showName = '__show__';

/** The example as the body of a function in which `__show__` gets the value of each expression, and what its comment states. */
function bodyOf(code: string): string {
  const { statements } = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const lines = statements.map((statement, index) => {
    if (!ts.isExpressionStatement(statement)) return statement.getText();
    const stated = commentIn(code.slice(statement.getEnd(), statements[index + 1]?.getStart()));
    return `await ${showName}(${statement.expression.getText()}, ${JSON.stringify(stated)});`;
  });
  return ts.transpile(`return (async () => {\n${lines.join('\n')}\n})();`, { target: ts.ScriptTarget.ES2022 });
}

/** The text by which a cell shows a value; long texts are on one line. */
export async function textOf(value: unknown): Promise<string> {
  const { data } = await render(value);
  const isPlain = Object.keys(data).join('') === 'text/plain' && !isDisplayable(value);
  return isPlain ? inspect(value, { breakLength: Infinity }) : (data['text/plain'] as string);
}

const isDisplayable = (value: unknown) => typeof value === 'object' && value !== null && jupyterDisplay in value;

/** Runs an example; `printed` takes what was printed since it was last called. */
export async function runExample(example: Example, printed: () => string): Promise<Shown[]> {
  const { kernel, close } = createGlobals();
  const all: Shown[] = [];
  const show = async (value: unknown, stated: string) => {
    const shown = value === undefined ? printed() || 'undefined' : await textOf(value);
    all.push({ shown, stated });
    printed();
  };
  const scope: Record<string, unknown> = { [showName]: show };
  const imports = importsOf(example);
  for (const word of wordsOf(example.code)) {
    const file = imports.get(word);
    if (file !== undefined) scope[word] = ((await import(file)) as Record<string, unknown>)[word];
    else if (isDeclared(word, example.code)) continue;
    else if (Object.hasOwn(given, word)) scope[word] = await given[word as keyof typeof given](kernel);
    else if (Object.hasOwn(lazyGlobals, word)) scope[word] = await lazyGlobals[word as LazyName].load();
    else if ((kernelNames as string[]).includes(word)) scope[word] = kernel[word as keyof KernelGlobals];
  }
  printed();
  try {
    const run = compileFunction(bodyOf(example.code), Object.keys(scope)) as (...values: unknown[]) => Promise<void>;
    await run(...Object.values(scope));
  } finally {
    await close();
  }
  return all;
}
