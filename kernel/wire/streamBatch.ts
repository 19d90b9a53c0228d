/** Joins short writes to the same stream of the same cell, so that a flood of lines is a few messages and nothing is lost. */
import type { Header, StreamName } from '../messages/messages.js';

/** Long enough to join a flood, short enough to look live. */
const delay = 10;
const largest = 1 << 16;

export interface StreamBatch {
  add(name: StreamName, text: string, parent: Partial<Header>): void;
  /** Sends what is waiting; called before any other output, so that order is kept. */
  flush(): void;
}

/** A batch that hands joined text to `send` after 10 ms, when it grows past 64 K characters, or when the stream changes. */
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
