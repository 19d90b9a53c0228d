/** `import * as tslab from 'tslab'` in a cell: tslab's public interface, so that notebooks made for tslab run unchanged. */
import { createRequire } from 'node:module';
import type { Publish } from './display.js';

/** The part of tslab that its `display` calls: its own kernel sets it. */
interface TslabKernel {
  lastWriteDisplayData: ((content: object, update?: boolean) => void) | null;
}

const require = createRequire(import.meta.url);

/** A function that loads tslab and makes it show its data here. */
export function tslabModule(publish: Publish): () => unknown {
  return () => {
    const kernel = require('tslab/dist/jupyter.js') as TslabKernel;
    kernel.lastWriteDisplayData ??= (content, update = false) =>
      publish(update ? 'update_display_data' : 'display_data', content);
    return require('tslab') as unknown;
  };
}
