/** The main thread's end of the wire, as the rooms above use it. `wire/startWire.ts` makes one. */
import type { Bytes } from './bytes.js';
import type { Answer, Header, Message, StreamName } from './messages.js';

/** Sends messages through the wire thread: they leave at once, even while the main thread is busy. */
export interface Wire {
  /** Answers a request on shell. */
  reply(request: Message, type: string, content: object): void;
  /** Publishes to every client; the buffers are copied before this returns. */
  publish(type: string, content: object, parent: Partial<Header>, metadata?: object, buffers?: readonly Bytes[]): void;
  /** Publishes text of stdout or stderr; short texts are joined before they are sent. */
  stream(name: StreamName, text: string, parent: Partial<Header>): void;
  /** Writes a line to the log of the Jupyter server. */
  readonly log: (text: string) => void;
  /** Sends a question to the client that sent `request`; the answer carries the number. */
  ask(number: number, request: Message, content: object): void;
  /** Closes all questions: later answers are dropped. */
  withdrawQuestions(): void;
  /** The next answer that has come, if any; never waits. */
  takeAnswer(): Answer | undefined;
  /** Asks, and blocks this thread until `take` finds something; `undefined` if an interrupt came first. */
  waitForAnswer<T>(ask: () => void, take: () => T | undefined): T | undefined;
}
