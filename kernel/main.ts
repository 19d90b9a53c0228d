/**
 * The kernel: `node dist/kernel/main.js <connection file>`.
 *
 * Two threads. The wire thread owns the sockets; this one runs cells. They exchange messages, so that heartbeat, interrupt
 * and output don't wait for a cell. The language (TypeScript's compiler, 1 to 2 s) is made after the kernel has said that it
 * is ready, or when the first cell comes, whichever is earlier.
 */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { createCommManager } from './comms/manager.js';
import { createDisplays } from './display/display.js';
import { createProgress } from './display/progress.js';
import { GuardBroken, KeyboardInterrupt } from './language/interrupt.js';
import type { Language } from './language/language.js';
import { guardProcessExit } from './language/processExit.js';
import { kernelTimers } from './language/timers.js';
import { createLanguage } from './language/tslab.js';
import { globalDeclarations, installPrelude } from './prelude.js';
import type { KernelContext } from './protocol/context.js';
import { createDispatcher } from './protocol/dispatcher.js';
import { wireError } from './protocol/execute.js';
import { History } from './protocol/history.js';
import { HistoryFile, historyPath } from './protocol/historyFile.js';
import { createInputs } from './protocol/input.js';
import { captureStreams, createOutputs } from './protocol/outputs.js';
import { readConnection } from './wire/connection.js';
import { createInterruptGate } from './wire/interruptGate.js';
import type { Message } from './wire/messages.js';
import { redirectNativeStreams, type NativeStreams } from './wire/nativeStreams.js';
import { startWire } from './wire/wire.js';
import { createWidgets } from './widgets/widgets.js';

const quietMilliseconds = 200;
const exit = guardProcessExit();

async function main(connectionFile: string, native: NativeStreams) {
  const connection = readConnection(connectionFile);
  const early: Message[] = [];
  let shutdown = (): void => exit();
  let receive = (message: Message) => void early.push(message);
  const gate = createInterruptGate();
  const wire = await startWire(connection, gate, native, {
    // As the signal would: whoever listens to it in a cell hears of it too.
    interrupt: () => process.emit('SIGINT', 'SIGINT'),
    shell: (message) => receive(message),
    answer: (answer) => inputs.answer(answer),
    shutdown: () => shutdown(),
  });

  const historyFile = historyPath();
  const history = new History(historyFile === undefined ? undefined : new HistoryFile(historyFile), wire.log);
  shutdown = () => void history.settled().finally(() => exit());
  const outputs = createOutputs(wire);
  const displays = createDisplays((type, content) => outputs.publish(type, content));
  let language: Language | undefined;
  const manager = createCommManager({
    publish: (type, content, attached) => outputs.publish(type, content, attached),
    // No language, no cells yet, so none of their code.
    call: async (action) => {
      await (language === undefined ? action() : language.call(action));
    },
  });
  const context: KernelContext = {
    connection,
    outputs,
    displays,
    comms: manager,
    history,
    language: () =>
      (language ??= createLanguage({
        folder: process.cwd(),
        globals: globalDeclarations(),
        prepare: prelude.prepare,
        gate,
      })),
    executionCount: 0,
    request: undefined,
  };
  const inputs = createInputs(wire, context);
  const { display } = displays;
  const { comms } = manager;
  const widgets = createWidgets(comms);
  const prelude = installPrelude({ display, progress: createProgress(display), comms, widgets, ...inputs });
  const dispatcher = createDispatcher(wire, context, inputs);

  captureStreams(outputs);
  console.clear = () => display.clear();
  // Also keeps the process alive when a client interrupts an idle kernel.
  process.on('SIGINT', () => language?.interrupt());
  const report = (thrown: unknown) => {
    if (thrown instanceof KeyboardInterrupt || (thrown instanceof GuardBroken && thrown.inCell)) return;
    const shown = thrown instanceof GuardBroken ? new KeyboardInterrupt() : thrown;
    const text = inspect(shown);
    const plain = { name: 'Error', message: text, traceback: text.split('\n') };
    outputs.publish('error', wireError(language?.describe(shown) ?? plain));
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);

  let warmUp: NodeJS.Timeout | undefined;
  receive = (message) => {
    dispatcher.add(message);
    // A client starts with a few questions about the kernel; when it has its answers, the compiler is made while the person
    // still reads.
    clearTimeout(warmUp);
    warmUp = kernelTimers.setTimeout(() => context.language().warmUp(), quietMilliseconds);
  };
  early.forEach(receive);
}

const [connectionFile] = process.argv.slice(2);
if (connectionFile === undefined) {
  process.stderr.write('usage: node main.js <connection file>\nJupyter starts this; `apolab install` tells it how.\n');
  process.exitCode = 2;
} else {
  const native = redirectNativeStreams();
  try {
    await main(connectionFile, native);
  } catch (error) {
    writeSync(native.log, `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    exit(1);
  }
}
