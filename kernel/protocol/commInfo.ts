import type { Handler } from './context.js';

/** No comms yet: a client that looks for its widgets after a reload finds none. */
export const commInfo: Handler = () => ({ status: 'ok', comms: {} });
