/** An output whose value is replaced. */
import { randomUUID } from 'node:crypto';
import type { ShowLive } from '../../src/core/liveDisplay.js';
import type { Display } from './display.js';

/** A function that shows its first value in a new output, and each later one in place of the one before. */
export function replacing(display: Pick<Display, 'mime'>): ShowLive {
  const id = randomUUID();
  let update = false;
  return (bundle) => {
    display.mime(bundle, { id, update });
    update = true;
  };
}
