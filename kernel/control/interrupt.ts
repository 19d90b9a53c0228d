import type { Content } from '../messages/content.js';
import type { ControlContext } from './context.js';

/** Stops the running cell. Runs in the wire thread, so it works while a cell computes without a pause. */
export function interrupt(_content: Content, context: Pick<ControlContext, 'interrupt'>) {
  context.interrupt();
  return { status: 'ok' };
}
