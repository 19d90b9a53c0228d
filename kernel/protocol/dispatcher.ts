/**
 * The queue of shell requests: each is announced busy, answered and announced idle before the next one starts. Messages to open
 * comms don't stand in it: a cell that awaits a control's next value would otherwise wait for a message behind itself.
 */
import { isCommMessage } from '../comms/commManager.js';
import { kernelTimers } from '../language/timers.js';
import type { CommMessageType, Message, ShellRequest } from '../messages/messages.js';
import type { Wire } from '../messages/wire.js';
import { read } from '../messages/content.js';
import type { KernelContext } from './context.js';
import { wireError } from './execute.js';
import type { Inputs } from './input.js';
import { replyType, unknownRequest } from '../control/unknownRequest.js';
import { isShellRequest, shellHandlers } from './shellHandlers.js';

export interface Dispatcher {
  add(message: Message): void;
}

export function createDispatcher(wire: Wire, context: KernelContext, inputs: Pick<Inputs, 'withdraw'>): Dispatcher {
  const queue: Message[] = [];
  let working = false;
  /** The cell that runs. */
  let running: Message | undefined;

  const answer = (message: Message, content: object) => {
    const type = replyType(message.header.msg_type);
    if (type !== undefined) wire.reply(message, type, content);
  };

  const takeUnknown = (message: Message) => {
    const type = message.header.msg_type;
    wire.log(`'${type}' is no message on shell`);
    announce(message, () => answer(message, unknownRequest(type, 'shell')));
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

  /** Handlers may go on for long, and nothing waits for them; so this may end while another request is in hand. */
  const receive = async (type: CommMessageType, message: Message) => {
    context.outputs.publish('status', { execution_state: 'busy' });
    try {
      await context.comms.receive(type, message);
      // A running cell settles its own.
      if (running === undefined) await context.displays.settle();
    } catch (error) {
      context.outputs.publish('error', wireError(context.language().describe(error)));
    }
    context.outputs.publish('status', { execution_state: 'idle' });
    // A page shows the last state that it heard of.
    if (running !== undefined) {
      context.outputs.within(running.header, () => context.outputs.publish('status', { execution_state: 'busy' }));
    }
  };

  /** A message of an open comm, with no other of the same comm in the queue. */
  const overtakes = ({ header, content }: Message): boolean => {
    const id = read.text(content, 'comm_id');
    const sameComm = (other: Message) => isCommMessage(other.header.msg_type) && other.content.comm_id === id;
    return isCommMessage(header.msg_type) && context.comms.isOpen(id) && !queue.some(sameComm);
  };

  const handle = async (message: Message) => {
    const type = message.header.msg_type;
    if (isCommMessage(type)) {
      void receive(type, message);
      return;
    }
    if (!isShellRequest(type)) {
      takeUnknown(message);
      return;
    }
    context.request = message;
    running = type === 'execute_request' ? message : undefined;
    context.outputs.publish('status', { execution_state: 'busy' });
    const reply = await replyTo(type, message);
    inputs.withdraw();
    context.request = undefined;
    const failed = type === 'execute_request' && 'status' in reply && reply.status === 'error';
    const doomed = failed && read.flag(message.content, 'stop_on_error', true) ? await takeQueuedCells() : [];
    answer(message, reply);
    doomed.forEach(abort);
    running = undefined;
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
      if (overtakes(message)) {
        void context.outputs.within(message.header, () => handle(message));
        return;
      }
      queue.push(message);
      if (!working) void work();
    },
  };
}
