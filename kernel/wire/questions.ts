/**
 * Questions of cells (`input_request`) and who may answer them: one at a time, only the client that was asked, and nothing that
 * was typed for an earlier question. Runs in the wire thread, so the answer to a blocked `prompt()` is heard.
 */
import type { Answer, Message, Outgoing } from '../messages/messages.js';
import type { Question } from './threadMessages.js';

export interface Questions {
  /** Sends the question, or keeps it until those before it are answered. */
  ask(question: Question): void;
  /** Takes an `input_reply`; returns why it answers nothing, where that is so. */
  take(reply: Message): string | undefined;
  /** Forgets all questions: the cell that asked them has ended. */
  withdraw(): void;
}

/** A client answers late by seconds, not by thousands of questions. */
const rememberedQuestions = 1000;

/** `send` resolves to the id under which the question went out; `deliver` hands an answer to the main thread. */
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
      if (header.msg_type !== 'input_reply') return `'${header.msg_type}' is no answer`;
      if (open === undefined) return 'nothing is asked';
      if (!isSame(identities, open.message.identities)) return 'another client was asked';
      // JupyterLab says which question it answers; jupyter_client doesn't, and others may name something else.
      if (closed.has(parentHeader.msg_id ?? '')) return 'it answers an earlier question';
      if (typeof content.value !== 'string') return 'its value is no text';
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
