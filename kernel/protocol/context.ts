/** What request handlers work with. */
import type { CommManager } from '../comms/manager.js';
import type { Displays } from '../display/display.js';
import type { Language } from '../language/language.js';
import type { Connection } from '../wire/connection.js';
import type { Message } from '../wire/messages.js';
import type { History } from './history.js';
import type { Outputs } from './outputs.js';

export type Content = Readonly<Record<string, unknown>>;
/** The content of a reply. */
export type Reply = { readonly status: 'ok' | 'error' | 'aborted' } & Content;

export interface KernelContext {
  readonly connection: Connection;
  readonly outputs: Outputs;
  readonly displays: Displays;
  readonly comms: CommManager;
  readonly history: History;
  /** Made when it is first needed: it takes a second, and the kernel answers before that. */
  language(): Language;
  /** How many cells have been counted so far. */
  executionCount: number;
  /** The message in hand; where a question of the running cell goes. */
  request: Message | undefined;
}

export type Handler = (content: Content, context: KernelContext) => Content | Promise<Content>;

/** Fields of requests, with a default where a client leaves them out or sends something else. */
export const read = {
  text: (content: Content, name: string): string => (typeof content[name] === 'string' ? content[name] : ''),
  number: (content: Content, name: string, otherwise: number): number =>
    typeof content[name] === 'number' ? content[name] : otherwise,
  flag: (content: Content, name: string, otherwise: boolean): boolean =>
    typeof content[name] === 'boolean' ? content[name] : otherwise,
  record: (content: Content, name: string): Content => {
    const value = content[name];
    return typeof value === 'object' && value !== null ? (value as Content) : {};
  },
};
