/**
 * Questions of cells (`input_request`): one is open at a time, only the client that was asked may answer, and an answer to an
 * earlier question is dropped. Runs in the wire thread, because a blocking `prompt()` blocks the main thread.
 */
import type { Answer, Message, Outgoing } from '../messages/messages.js';
import type { Question } from './threadMessages.js';

/** The queue of questions. */
export interface Questions {
  /** Sends the question, as soon as those before it are answered. */
  ask(question: Question): void;
  /** Takes an `input_reply`; returns the reason if it was dropped. */
  take(reply: Message): string | undefined;
  /** Forgets all questions: the cell that asked them has ended. */
  withdraw(): void;
}

/** Closed questions whose late answers are still recognized. */
const rememberedQuestions = 1000;

/** `send` returns the message id of the question; `deliver` passes an answer to the main thread. */
export function createQuestions(send: (message: Outgoing) => string, deliver: (answer: Answer) => void): Questions {
  const queue: Question[] = [];
  let open: (Question & { readonly id: string }) | undefined;

  const closed = new Set<string>();
  const close = () => {
    if (open !== undefined) closed.add(open.id);
    if (closed.size > rememberedQuestions) closed.delete(closed.values().next().value ?? '');
    open = undefined;
  };

  const next = () => {
    const question = open === undefined ? queue.shift() : undefined;
    if (question !== undefined) open = { ...question, id: send(question.message) };
  };

  return {
    ask(question) {
      queue.push(question);
      next();
    },

    take({ header, parentHeader, identities, content }) {
      if (header.msg_type !== 'input_reply') return `'${header.msg_type}' is not an answer`;
      if (open === undefined) return 'no question is open';
      if (!isSame(identities, open.message.identities)) return 'another client was asked';
      // JupyterLab says which question it answers; jupyter_client doesn't, and others may name something else.
      if (closed.has(parentHeader.msg_id ?? '')) return 'it answers an earlier question';
      if (typeof content.value !== 'string') return 'its value is not text';
      const { number } = open;
      close();
      deliver({ number, value: content.value });
      next();
      return undefined;
    },

    withdraw() {
      queue.length = 0;
      close();
    },
  };
}

const isSame = (some: readonly Uint8Array[], others: readonly Uint8Array[]) =>
  Buffer.concat(some).equals(Buffer.concat(others));
