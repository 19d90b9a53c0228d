import type { Handler } from './context.js';

/** Deprecated by Jupyter, still asked for by old clients. */
export const connect: Handler = (_content, { connection }) => ({
  status: 'ok',
  shell_port: connection.shell_port,
  iopub_port: connection.iopub_port,
  stdin_port: connection.stdin_port,
  control_port: connection.control_port,
  hb_port: connection.hb_port,
});
