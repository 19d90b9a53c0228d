/** What request handlers work with. */
import type { CommManager } from '../comms/commManager.js';
import type { KernelInfo } from '../control/kernelInfo.js';
import type { Displays } from '../display/display.js';
import type { Language } from '../language/language.js';
import type { Connection } from '../messages/connection.js';
import type { Content } from '../messages/content.js';
import type { Message } from '../messages/messages.js';
import type { CellHistory } from './cellHistory.js';
import type { Outputs } from './outputs.js';

/** The parts of the running kernel, and what it is doing. */
export interface KernelContext {
  readonly connection: Connection;
  kernelInfo(): KernelInfo;
  readonly outputs: Outputs;
  readonly displays: Displays;
  readonly comms: CommManager;
  readonly history: CellHistory;
  /** Made at the first call: that takes a second, and the kernel answers requests before. */
  language(): Language;
  /** How many cells have been counted so far. */
  executionCount: number;
  /** The request that is being handled; questions of the running cell go to its client. */
  request: Message | undefined;
}

/** Makes the content of the reply to one request. */
export type Handler = (content: Content, context: KernelContext) => Content | Promise<Content>;
