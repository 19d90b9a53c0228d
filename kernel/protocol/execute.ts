/** execute_request: counts a cell, runs it, and publishes its input, output, result or error. */
import { render } from '../display/render.js';
import type { CellError, Outcome } from '../language/language.js';
import { askedMagic } from '../magics/parse.js';
import { runCell } from '../magics/run.js';
import { magicHelp } from '../magics/table.js';
import { read, type Content, type Reply } from '../messages/content.js';
import type { Handler, KernelContext } from './context.js';
import { inspectAround, questionOf } from './inspect.js';

/** Runs a cell or shows the help that it asks for; the reply has the error if the cell failed. */
export const execute: Handler = async (content, context) => {
  const code = read.text(content, 'code');
  const silent = read.flag(content, 'silent', false);
  const stored = !silent && read.flag(content, 'store_history', true);
  if (stored) context.executionCount += 1;
  const count = context.executionCount;
  if (!silent) context.outputs.publish('execute_input', { code, execution_count: count });

  const payload = payloadOf(code, context);
  if (payload !== undefined) return { ...done(count), payload: [payload] };

  const outcome = await runCell(code, stored ? `cell-${count}` : `unstored-${(unstored += 1)}`, {
    language: () => context.language(),
    display: context.displays.display,
    print: (text) => context.outputs.stream('stdout', text),
  });
  // Before the error, and before the client stops listening: tensors that are still being read.
  if (outcome.kind === 'failed') await context.displays.settleReads();
  const shown = outcome.kind === 'done' ? await showResult(outcome.value, count, silent, context) : outcome;
  if (stored) context.history.add({ count, input: code, output: shown.kind === 'done' ? shown.text : null });
  if (shown.kind === 'failed') {
    context.outputs.publish('error', wireError(shown.error));
    return { status: 'error', execution_count: count, ...wireError(shown.error) };
  }
  return { ...done(count), user_expressions: await evaluate(read.record(content, 'user_expressions'), context) };
};

/** Cells that aren't counted need names too: functions that they define appear in stacks. */
let unstored = 0;

const done = (count: number) =>
  ({ status: 'ok', execution_count: count, payload: [], user_expressions: {} }) satisfies Reply;

/** An error with the protocol's field names. */
export const wireError = ({ name, message, traceback }: CellError) => ({ ename: name, evalue: message, traceback });

type Shown = { kind: 'done'; text: string | null } | Extract<Outcome, { kind: 'failed' }>;

async function showResult(value: unknown, count: number, silent: boolean, context: KernelContext): Promise<Shown> {
  try {
    await context.displays.settle();
    if (value === undefined || silent) return { kind: 'done', text: null };
    const { data, metadata } = await render(value);
    // A value may choose to show nothing.
    if (Object.keys(data).length === 0) return { kind: 'done', text: null };
    context.outputs.publish('execute_result', { execution_count: count, data, metadata });
    return { kind: 'done', text: typeof data['text/plain'] === 'string' ? data['text/plain'] : null };
  } catch (thrown) {
    // A value's own display method is user code too.
    return { kind: 'failed', error: context.language().describe(thrown) };
  }
}

/** As in IPython: `tf.matMul?` shows help in the client's pager, `f??` the source too, and `exit` leaves the console. */
function payloadOf(code: string, context: KernelContext): object | undefined {
  if (/^\s*(exit|quit)(\(\))?;?\s*$/.test(code)) return { source: 'ask_exit', keepkernel: false };
  const magic = askedMagic(code);
  if (magic !== undefined) return page(magicHelp(magic));
  const question = questionOf(code);
  if (question === undefined) return undefined;
  const { name, detail } = question;
  const found = inspectAround(context.language(), name, name.length, detail);
  return page(found?.plain ?? `Nothing is known about '${name}'.`);
}

const page = (text: string) => ({ source: 'page', data: { 'text/plain': text }, start: 0 });

async function evaluate(expressions: Content, context: KernelContext): Promise<Record<string, object>> {
  const results: Record<string, object> = {};
  for (const [key, expression] of Object.entries(expressions)) {
    const outcome = await context.language().run(String(expression), `expression-${(unstored += 1)}`);
    results[key] =
      outcome.kind === 'done'
        ? { status: 'ok', ...(await render(outcome.value)) }
        : { status: 'error', ...wireError(outcome.error) };
  }
  return results;
}
