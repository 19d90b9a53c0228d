import type { Handler } from './context.js';

/** connect_request: the ports. Jupyter has deprecated it; old clients still send it. */
export const connect: Handler = (_content, { connection }) => ({
  status: 'ok',
  shell_port: connection.shell_port,
  iopub_port: connection.iopub_port,
  stdin_port: connection.stdin_port,
  control_port: connection.control_port,
  hb_port: connection.hb_port,
});
