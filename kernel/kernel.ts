/**
 * The kernel's main thread: it wires the rooms together and runs cells. The language (TypeScript's compiler, 1 to 2 s) is made
 * when a new client has been quiet for a moment, or when the first cell comes, whichever is earlier.
 */
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { offerLiveDisplay } from '../src/core/liveDisplay.js';
import { createCommManager } from './comms/commManager.js';
import { keepRowsOfTables } from './comms/moreRows.js';
import { createKernelInfo } from './control/kernelInfo.js';
import { createDisplays } from './display/display.js';
import { createLive } from './display/live.js';
import { loadDrawing } from './display/pair.js';
import { createProgress } from './display/progress.js';
import { replacing } from './display/replacing.js';
import { tslabModule } from './display/tslab.js';
import { repairLibrary } from './globals.js';
import { createLanguage } from './language/engine.js';
import { GuardBroken } from './language/guard.js';
import { KeyboardInterrupt } from './language/keyboardInterrupt.js';
import type { Language } from './language/language.js';
import { kernelTimers } from './language/timers.js';
import { globalDeclarations, installPrelude } from './prelude.js';
import type { KernelContext } from './protocol/context.js';
import { Dispatcher } from './protocol/dispatcher.js';
import { wireError } from './protocol/execute.js';
import { CellHistory } from './protocol/cellHistory.js';
import { HistoryFile, historyPath } from './protocol/historyFile.js';
import { createInputs } from './protocol/input.js';
import { captureStreams, createOutputs } from './protocol/outputs.js';
import { explainStandardInput } from './protocol/standardInput.js';
import { createWatch } from './watch/watch.js';
import { createWidgets } from './widgets/widgets.js';
import type { Connection } from './messages/connection.js';
import type { InterruptGate } from './messages/interruptGate.js';
import type { Wire } from './messages/wire.js';
import type { WireEvents } from './wire/startWire.js';

/** After this long without a request, the kernel loads what the first cell needs. */
const quietMilliseconds = 200;

/**
 * Checking a cell leaves tens of megabytes of garbage, and V8 would let the heap grow to several times its content before it
 * collects it. With this flag the process is 45 MB larger after 500 cells instead of 190, and a cell takes a tenth more time.
 */
setFlagsFromString('--heap-growing-percent=30');

/** What main.ts gives the kernel. */
export interface KernelParts {
  readonly connection: Connection;
  readonly gate: InterruptGate;
  readonly wire: Wire;
  /** Names of the globals, for the banner in kernel_info. */
  readonly globals: readonly string[];
  /** Ends the process; `process.exit` itself ends a cell. */
  readonly exit: () => void;
}

/** What the kernel does with the wire's messages. */
export function createKernel({ connection, gate, wire, globals, exit }: KernelParts): Omit<WireEvents, 'interrupt'> {
  const historyFile = historyPath();
  const history = new CellHistory(historyFile === undefined ? undefined : new HistoryFile(historyFile), wire.log);
  const outputs = createOutputs(wire);
  const displays = createDisplays((type, content) => outputs.publish(type, content));
  let language: Language | undefined;
  const manager = createCommManager({
    publish: (type, content, extras) => outputs.publish(type, content, extras),
    // Without a language no cell has run, so the action is not a cell's code.
    call: async (action) => {
      await (language === undefined ? action() : language.call(action));
    },
  });
  const context: KernelContext = {
    connection,
    kernelInfo: createKernelInfo(globals),
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
        ownModules: new Map([['tslab', tslabModule((type, content) => outputs.publish(type, content))]]),
      })),
    executionCount: 0,
    request: undefined,
  };
  const inputs = createInputs(wire, context);
  const { display } = displays;
  const { comms } = manager;
  const widgets = createWidgets(comms);
  const live = createLive(displays, kernelTimers.setTimeout);
  offerLiveDisplay(() => replacing(display));
  keepRowsOfTables(comms);
  const prelude = installPrelude({
    display,
    live,
    progress: createProgress(display),
    watch: createWatch(display),
    comms,
    widgets,
    ...inputs,
  });
  const dispatcher = new Dispatcher(wire, context, inputs);

  captureStreams(outputs);
  explainStandardInput((text) => outputs.stream('stderr', `${text}\n`));
  console.clear = () => display.clear();
  // Also keeps the process alive when a client interrupts an idle kernel.
  process.on('SIGINT', () => language?.interrupt());
  const report = (thrown: unknown) => {
    if (thrown instanceof GuardBroken) repairLibrary();
    if (thrown instanceof KeyboardInterrupt || (thrown instanceof GuardBroken && thrown.inCell)) return;
    const shown = thrown instanceof GuardBroken ? new KeyboardInterrupt() : thrown;
    const text = inspect(shown);
    const plain = { name: 'Error', message: text, traceback: text.split('\n') };
    outputs.publish('error', wireError(language?.describe(shown) ?? plain));
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);

  const warmUp = whenQuiet(() => {
    context.language().warmUp();
    void loadDrawing();
  });
  return {
    shell(message) {
      dispatcher.add(message);
      warmUp();
    },
    answer: (answer) => inputs.answer(answer),
    shutdown: () => void history.settled().finally(() => exit()),
  };
}

/**
 * Does `action` when no request has come for a moment. A client starts with a few requests about the kernel; after them the compiler is
 * made and the drawing of pairs is loaded, before the user runs the first cell.
 *
 * @returns to be called for each request
 */
function whenQuiet(action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = kernelTimers.setTimeout(action, quietMilliseconds);
  };
}
