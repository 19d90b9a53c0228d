import type { Content } from '../messages/content.js';
import type { KernelInfo } from './kernelInfo.js';

/** What control handlers work with. */
export interface ControlContext {
  kernelInfo(): KernelInfo;
  /** Stops the cell that runs on the main thread, whether it computes or waits. */
  interrupt(): void;
}

/** Makes the content of the reply to one request. */
export type ControlHandler = (content: Content, context: ControlContext) => object;
