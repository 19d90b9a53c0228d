/** Joins short writes to the same stream of the same cell, so that many lines are few messages and no text is lost. */
import type { Header, StreamName } from '../messages/messages.js';

/** Milliseconds: long enough to join many writes, short enough to look live. */
const delay = 10;
const largest = 1 << 16;

/** Text that waits to be sent. */
export interface StreamBatch {
  add(name: StreamName, text: string, parent: Partial<Header>): void;
  /** Sends what waits; called before any other output, so that the order is kept. */
  flush(): void;
}

/** A batch that calls `send` with the joined text after 10 ms, or as soon as it has more than 64 K characters or the stream changes. */
export function createStreamBatch(
  send: (name: StreamName, text: string, parent: Partial<Header>) => void,
): StreamBatch {
  let waiting: { name: StreamName; texts: string[]; size: number; parent: Partial<Header> } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === undefined) return;
    const { name, texts, parent } = waiting;
    waiting = undefined;
    send(name, texts.join(''), parent);
  };

  return {
    add(name, text, parent) {
      if (waiting?.name !== name || waiting.parent.msg_id !== parent.msg_id) flush();
      waiting ??= { name, texts: [], size: 0, parent };
      waiting.texts.push(text);
      waiting.size += text.length;
      if (waiting.size > largest) flush();
      else timer ??= setTimeout(flush, delay);
    },
    flush,
  };
}
