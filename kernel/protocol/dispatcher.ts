/**
 * The queue of shell requests: each is announced busy, answered and announced idle before the next one starts. Messages to open
 * comms don't wait in it: otherwise a cell that awaits a control's next value would wait for a message behind itself.
 */
import { isCommMessage } from '../comms/commManager.js';
import { replyType, unknownRequest } from '../control/unknownRequest.js';
import { kernelTimers } from '../language/timers.js';
import { read } from '../messages/content.js';
import type { CommMessageType, Message, ShellRequest } from '../messages/messages.js';
import type { Wire } from '../messages/wire.js';
import type { KernelContext } from './context.js';
import { wireError } from './execute.js';
import type { Inputs } from './input.js';
import { isShellRequest, shellHandlers } from './shellHandlers.js';

/** Handles the messages of the shell channel. */
export class Dispatcher {
  readonly #queue: Message[] = [];
  #working = false;
  /** The cell that runs. */
  #running: Message | undefined;
  readonly #wire: Wire;
  readonly #context: KernelContext;
  readonly #inputs: Pick<Inputs, 'withdraw'>;

  constructor(wire: Wire, context: KernelContext, inputs: Pick<Inputs, 'withdraw'>) {
    this.#wire = wire;
    this.#context = context;
    this.#inputs = inputs;
  }

  /** Handles a message when its turn comes; a message to an open comm at once. */
  add(message: Message): void {
    if (this.#overtakes(message)) {
      void this.#context.outputs.within(message.header, () => this.#handle(message));
      return;
    }
    this.#queue.push(message);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      const current = message;
      await this.#context.outputs.within(current.header, () => this.#handle(current));
    }
    this.#working = false;
  }

  async #handle(message: Message): Promise<void> {
    const type = message.header.msg_type;
    if (isCommMessage(type)) {
      void this.#receive(type, message);
      return;
    }
    if (!isShellRequest(type)) {
      this.#wire.log(`'${type}' is not a message on shell`);
      this.#announce(message, () => this.#answer(message, unknownRequest(type, 'shell')));
      return;
    }
    this.#context.request = message;
    this.#running = type === 'execute_request' ? message : undefined;
    this.#status('busy');
    const reply = await this.#replyTo(type, message);
    this.#inputs.withdraw();
    this.#context.request = undefined;
    const failed = type === 'execute_request' && 'status' in reply && reply.status === 'error';
    const aborted = failed && read.flag(message.content, 'stop_on_error', true) ? await this.#takeQueuedCells() : [];
    this.#answer(message, reply);
    // Without a count: JupyterLab would show it beside a cell that never ran.
    for (const cell of aborted) this.#announce(cell, () => this.#answer(cell, { status: 'aborted' }));
    this.#running = undefined;
    this.#status('idle');
  }

  async #replyTo(type: ShellRequest, { content }: Message): Promise<object> {
    try {
      return await shellHandlers[type](content, this.#context);
    } catch (error) {
      return { status: 'error', ...wireError(this.#context.language().describe(error)) };
    }
  }

  /** Handlers of comms may take long, and nothing waits for them; so this may end while another request is handled. */
  async #receive(type: CommMessageType, message: Message): Promise<void> {
    const { comms, displays, outputs } = this.#context;
    this.#status('busy');
    try {
      await comms.receive(type, message);
      // A running cell settles its own displays.
      if (this.#running === undefined) await displays.settle();
    } catch (error) {
      outputs.publish('error', wireError(this.#context.language().describe(error)));
    }
    this.#status('idle');
    // A page shows the last state that it was sent, so the running cell's is repeated.
    if (this.#running !== undefined) outputs.within(this.#running.header, () => this.#status('busy'));
  }

  /** Whether this is a message of an open comm, and no message of the same comm is in the queue. */
  #overtakes({ header, content }: Message): boolean {
    const id = read.text(content, 'comm_id');
    const sameComm = (other: Message) => isCommMessage(other.header.msg_type) && other.content.comm_id === id;
    return isCommMessage(header.msg_type) && this.#context.comms.isOpen(id) && !this.#queue.some(sameComm);
  }

  /**
   * Takes the queued cells out of the queue: they are aborted after an error (`stop_on_error`). This happens before the error is
   * answered, so that a cell which a client sends after that answer is not among them.
   */
  async #takeQueuedCells(): Promise<Message[]> {
    // Requests that have arrived at the wire thread are let in first.
    // A timer: an immediate set while an interrupt leaves the cell's immediate can wait for the loop's next event.
    await new Promise((resolve) => kernelTimers.setTimeout(resolve, 0));
    const queued = this.#queue.splice(0);
    const isCell = ({ header }: Message) => header.msg_type === 'execute_request';
    this.#queue.push(...queued.filter((message) => !isCell(message)));
    return queued.filter(isCell);
  }

  #announce(message: Message, action: () => void): void {
    this.#context.outputs.within(message.header, () => {
      this.#status('busy');
      action();
      this.#status('idle');
    });
  }

  #answer(message: Message, content: object): void {
    const type = replyType(message.header.msg_type);
    if (type !== undefined) this.#wire.reply(message, type, content);
  }

  #status(state: 'busy' | 'idle'): void {
    this.#context.outputs.publish('status', { execution_state: state });
  }
}
