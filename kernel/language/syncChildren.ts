/** `execSync` and its relatives, so that an interrupt can end the child process that they wait for. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { waitForChild, type InterruptGate } from '../messages/interruptGate.js';
import { descendants } from '../messages/processes.js';

const names = ['execSync', 'execFileSync', 'spawnSync'] as const;

type Call = (...given: unknown[]) => unknown;

/** Makes the functions of `node:child_process` that wait for a child say so at the gate. */
export function noteSyncChildren(gate: InterruptGate): void {
  const module = createRequire(import.meta.url)('node:child_process') as Record<(typeof names)[number], Call>;
  for (const name of names) {
    const original = module[name];
    const noted: Call = (...given) => waitForChild(gate, descendants(), () => original(...given));
    module[name] = Object.defineProperties<Call>(noted, Object.getOwnPropertyDescriptors(original));
  }
  syncBuiltinESMExports();
}
