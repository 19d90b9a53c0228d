/** The queue of shell requests: each is announced busy, answered and announced idle before the next one starts. */
import { kernelTimers } from '../language/timers.js';
import type { Message } from '../wire/messages.js';
import type { Wire } from '../wire/wire.js';
import { read, type KernelContext } from './context.js';
import { wireError } from './execute.js';
import type { Inputs } from './input.js';
import { replyType, unknownRequest } from './unknown.js';
import { isShellRequest, shellHandlers, type ShellRequest } from './shell.js';

export interface Dispatcher {
  add(message: Message): void;
}

export function createDispatcher(wire: Wire, context: KernelContext, inputs: Pick<Inputs, 'withdraw'>): Dispatcher {
  const queue: Message[] = [];
  let working = false;

  const answer = (message: Message, content: object) => {
    const type = replyType(message.header.msg_type);
    if (type !== undefined) wire.reply(message, type, content);
  };

  const takeUnknown = (message: Message) => {
    const type = message.header.msg_type;
    wire.log(`'${type}' is no message on shell`);
    announce(message, () => {
      answer(message, unknownRequest(type, 'shell'));
      // As the protocol asks of whoever doesn't know a comm's target: the other side would believe in it for ever.
      const { comm_id } = message.content;
      if (type === 'comm_open') context.outputs.publish('comm_close', { comm_id: String(comm_id), data: {} });
    });
  };

  /**
   * A cell that fails takes the cells queued behind it with it: they were sent in the belief that it would work. Taken before
   * its error is answered, so that a cell which a client sends upon that answer is not among them.
   */
  const takeQueuedCells = async (): Promise<Message[]> => {
    // Requests that have arrived at the wire thread are let in first.
    // A timer: an immediate that is set while one is thrown out of (an interrupted cell) can wait for the loop's next event.
    await new Promise((resolve) => kernelTimers.setTimeout(resolve, 0));
    const queued = queue.splice(0);
    queue.push(...queued.filter(({ header }) => header.msg_type !== 'execute_request'));
    return queued.filter(({ header }) => header.msg_type === 'execute_request');
  };

  // Without a count: JupyterLab would show it beside a cell that never ran.
  const abort = (message: Message) => announce(message, () => answer(message, { status: 'aborted' }));

  const announce = (message: Message, action: () => void) =>
    context.outputs.within(message.header, () => {
      context.outputs.publish('status', { execution_state: 'busy' });
      action();
      context.outputs.publish('status', { execution_state: 'idle' });
    });

  const replyTo = async (type: ShellRequest, { content }: Message): Promise<object> => {
    try {
      return await shellHandlers[type](content, context);
    } catch (error) {
      return { status: 'error', ...wireError(context.language().describe(error)) };
    }
  };

  const handle = async (message: Message) => {
    const type = message.header.msg_type;
    if (!isShellRequest(type)) {
      takeUnknown(message);
      return;
    }
    context.request = message;
    context.outputs.publish('status', { execution_state: 'busy' });
    const reply = await replyTo(type, message);
    inputs.withdraw();
    context.request = undefined;
    const failed = type === 'execute_request' && 'status' in reply && reply.status === 'error';
    const doomed = failed && read.flag(message.content, 'stop_on_error', true) ? await takeQueuedCells() : [];
    answer(message, reply);
    doomed.forEach(abort);
    context.outputs.publish('status', { execution_state: 'idle' });
  };

  const work = async () => {
    working = true;
    for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
      const current = message;
      await context.outputs.within(current.header, () => handle(current));
    }
    working = false;
  };

  return {
    add(message) {
      queue.push(message);
      if (!working) void work();
    },
  };
}
