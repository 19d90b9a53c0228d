/**
 * Models: states that the kernel and every page share, each over its own comm (ipywidgets' messaging protocol 2.1). A page sends
 * the user's changes; the kernel repeats them to all pages, so that a second page shows them too.
 */
import type { Comm, CommMessage, Comms } from '../comms/comm.js';
import { createListeners, type Listeners } from '../comms/listeners.js';
import type { Bytes } from '../messages/bytes.js';
import { joinBuffers, splitBuffers, type Path } from './buffers.js';

/** A model's state: JSON, with bytes anywhere in it. */
export type State = Readonly<Record<string, unknown>>;

/** A message that is not a change of the state, such as a click. */
export interface CustomMessage {
  readonly content: unknown;
  readonly buffers: readonly Uint8Array[];
}

/** A state that pages share. */
export interface Model {
  readonly id: string;
  readonly state: State;
  readonly closed: boolean;
  /** What changed, on the page or in the kernel. */
  readonly changes: Listeners<State>;
  readonly messages: Listeners<CustomMessage>;
  /** Applies changes and sends the pages what is new; resolves when the handlers of `changes` have ended. */
  set(changes: State): Promise<void>;
  send(content: unknown, buffers?: readonly Bytes[]): void;
  close(): void;
}

/** All models of a kernel. */
export interface Models {
  open(state: State): Model;
}

/** A reference to another model, as a value in a state. */
export const reference = (id: string): string => `IPY_MODEL_${id}`;

const version = '2.1.0';
const controlVersion = '1.0.0';

/** What a page sends about a model, and in the control comm. */
interface FromPage {
  readonly method?: string;
  readonly state?: State;
  readonly buffer_paths?: readonly Path[];
  readonly content?: unknown;
}

type Method = 'update' | 'request_state' | 'custom';

/** Models over comms. Also answers pages that ask for all models at once, on the control comm. */
export function createModels(comms: Comms): Models {
  const models = new Map<string, Model>();

  const open = (initial: State): Model => {
    let state = initial;
    const { state: data, paths, buffers } = splitBuffers(state);
    const metadata = { version };
    const comm = comms.open<FromPage>('jupyter.widget', { state: data, buffer_paths: paths }, { metadata, buffers });
    const [changes, messages] = [createListeners<State>(), createListeners<CustomMessage>()];

    const forget = () => {
      models.delete(comm.id);
      changes.end('The control was closed.');
      messages.end('The control was closed.');
    };
    const take = (changed: State): Promise<void> => {
      state = { ...state, ...changed };
      return changes.call(changed);
    };

    const methods = {
      update({ data, buffers }) {
        const split = { state: data.state ?? {}, paths: data.buffer_paths ?? [], buffers };
        const changed = joinBuffers(split);
        comm.send({ method: 'echo_update', state: split.state, buffer_paths: split.paths }, { buffers });
        return take(changed);
      },
      request_state: () => sendState(comm, state),
      custom: ({ data, buffers }) => messages.call({ content: data.content, buffers }),
    } satisfies Record<Method, (message: CommMessage<FromPage>) => unknown>;

    comm.onMessage((message) => {
      const method = message.data.method ?? '';
      if (Object.hasOwn(methods, method)) return methods[method as Method](message);
      throw new TypeError(`A widget's page sent '${method}'; the kernel supports ${Object.keys(methods).join(', ')}.`);
    });
    comm.onClose(forget);

    const model: Model = {
      id: comm.id,
      get state() {
        return state;
      },
      get closed() {
        return comm.closed;
      },
      changes,
      messages,
      set(given) {
        const changed = Object.fromEntries(Object.entries(given).filter(([key, value]) => isNew(state[key], value)));
        if (Object.keys(changed).length === 0) return Promise.resolve();
        sendState(comm, changed);
        return take(changed);
      },
      send: (content, buffers = []) => comm.send({ method: 'custom', content }, { buffers }),
      close() {
        comm.close();
        forget();
      },
    };
    models.set(comm.id, model);
    return model;
  };

  /** A page that is opened or reloaded requests all models at once. */
  comms.register<FromPage>('jupyter.widget.control', (comm, { metadata }) => {
    const asked = typeof metadata.version === 'string' ? metadata.version : '';
    if (!asked.startsWith('1.'))
      throw new Error(`The page uses widget control ${asked}; the kernel supports ${controlVersion}.`);
    comm.onMessage(({ data }) => {
      if (data.method !== 'request_states') {
        throw new TypeError(`A widget control page sent '${data.method ?? ''}'; the kernel supports request_states.`);
      }
      const { state: states, paths, buffers } = splitBuffers(statesOf(models));
      comm.send({ method: 'update_states', states, buffer_paths: paths }, { buffers });
    });
  });

  return { open };
}

function sendState(comm: Comm, whole: State): void {
  const { state, paths, buffers } = splitBuffers(whole);
  comm.send({ method: 'update', state, buffer_paths: paths }, { buffers });
}

function statesOf(models: ReadonlyMap<string, Model>): Record<string, unknown> {
  return Object.fromEntries(
    [...models].map(([id, { state }]) => [
      id,
      {
        model_name: state._model_name,
        model_module: state._model_module,
        model_module_version: state._model_module_version,
        state,
      },
    ]),
  );
}

/** Objects always count as new: they may have been changed in place. */
const isNew = (before: unknown, value: unknown): boolean =>
  !Object.is(before, value) || (typeof value === 'object' && value !== null);
