/** Questions to the user, over the stdin channel: `await input()`, and the blocking `prompt()`. */
import { KeyboardInterrupt } from '../language/keyboardInterrupt.js';
import type { Answer, Message } from '../messages/messages.js';
import type { Wire } from '../messages/wire.js';
import { read } from '../messages/content.js';
import type { KernelContext } from './context.js';

/** How a question is shown. */
export interface InputOptions {
  /** The client hides what is typed. */
  readonly password?: boolean;
}

/**
 * Asks the user and resolves with the answer. Timers and promises run meanwhile.
 *
 * @example
 * const name = await input('Your name? ');
 */
export type Input = (prompt?: string, options?: InputOptions) => Promise<string>;

/**
 * Asks the user, waits, and returns the answer, or `otherwise` if it is empty. Nothing else runs meanwhile.
 *
 * @example
 * const name = prompt('Your name? ', 'Ada');
 * const key = prompt('API key: ', '', { password: true });
 */
export type Prompt = (text?: string, otherwise?: string, options?: InputOptions) => string;

/** Asks a yes-or-no question and waits; everything but `y` and `yes` is no. */
export type Confirm = (text?: string) => boolean;

/** Shows a text and waits for the Enter key. */
export type Alert = (text?: string) => void;

/** The globals with which a cell asks. */
export interface Asking {
  readonly input: Input;
  readonly prompt: Prompt;
  readonly confirm: Confirm;
  readonly alert: Alert;
}

/** Questions and their answers. */
export interface Inputs extends Asking {
  /** Takes an answer that came while nothing was blocked. */
  answer(answer: Answer): void;
  /** Ends the open questions of a cell that has ended; their promises reject with a KeyboardInterrupt. */
  withdraw(): void;
}

/** The asking globals; each throws an Error if its cell has ended or the client has no stdin. */
export function createInputs(wire: Wire, context: KernelContext): Inputs {
  const open = new Map<number, { resolve: (answer: string) => void; reject: (reason: Error) => void }>();
  let asked = 0;

  /** The request whose client is asked; throws if there is none. */
  const askerFor = (caller: string): Message => {
    const { request, outputs } = context;
    const asker = outputs.origin() ?? request?.header.msg_id;
    if (request === undefined || request.header.msg_id !== asker) {
      throw new Error(`${caller}() can't ask: its cell has ended, and clients answer only while a cell runs.`);
    }
    if (!read.flag(request.content, 'allow_stdin', false)) {
      throw new Error(
        `${caller}() can't ask: this client runs cells without stdin (a headless run?). Assign the value instead.`,
      );
    }
    return request;
  };

  const answer = ({ number, value }: Answer) => {
    open.get(number)?.resolve(value);
    open.delete(number);
  };

  /** The answer to question `number`; answers to other questions, which are awaited, are passed on. */
  const take = (number: number): string | undefined => {
    for (let next = wire.takeAnswer(); next !== undefined; next = wire.takeAnswer()) {
      if (next.number === number) return next.value;
      answer(next);
    }
    return undefined;
  };

  const wait = (caller: string, text: string, options: InputOptions = {}): string => {
    const request = askerFor(caller);
    const number = ++asked;
    const value = wire.waitForAnswer(
      () => wire.ask(number, request, { prompt: text, password: options.password ?? false }),
      () => take(number),
    );
    if (value === undefined) throw new KeyboardInterrupt();
    return value;
  };

  return {
    input: async (prompt = '', options = {}) => {
      const request = askerFor('input');
      const number = ++asked;
      wire.ask(number, request, { prompt, password: options.password ?? false });
      return new Promise((resolve, reject) => open.set(number, { resolve, reject }));
    },
    prompt: (text = '', otherwise = '', options) => wait('prompt', text, options) || otherwise,
    confirm: (text = 'Confirm') => /^\s*y(?:es)?\s*$/i.test(wait('confirm', `${text} [y/N] `)),
    alert: (text = 'Alert') => void wait('alert', `${text} [Enter] `),
    answer,
    withdraw() {
      if (asked === 0) return;
      wire.withdrawQuestions();
      for (const { reject } of open.values()) reject(new KeyboardInterrupt());
      open.clear();
    },
  };
}
