/** `await input('Name? ')`: a question to the client that runs the cell, over the stdin channel. */
import type { Message } from '../wire/messages.js';
import type { Wire } from '../wire/wire.js';
import { read, type KernelContext } from './context.js';

export interface InputOptions {
  /** The client hides what is typed. */
  readonly password?: boolean;
}

/**
 * Asks the person at the notebook and resolves with the answer.
 *
 * @example
 * const name = await input('Your name? ');
 */
export type Input = (prompt?: string, options?: InputOptions) => Promise<string>;

export interface Inputs {
  readonly ask: Input;
  /** Takes the client's `input_reply`. */
  answer(message: Message): void;
}

export function createInputs(wire: Wire, context: KernelContext): Inputs {
  let pending: ((answer: string) => void) | undefined;
  return {
    ask(prompt = '', { password = false } = {}) {
      const { request } = context;
      if (request === undefined || !read.flag(request.content, 'allow_stdin', false)) {
        return Promise.reject(
          new Error(
            'input() has nobody to ask: this client runs cells without stdin (a headless run?). Assign the value.',
          ),
        );
      }
      return new Promise((resolve) => {
        pending = resolve;
        wire.reply(request, 'stdin', 'input_request', { prompt, password });
      });
    },
    answer(message) {
      pending?.(read.text(message.content, 'value'));
      pending = undefined;
    },
  };
}
