/** Requests on the shell channel, handled one after the other on the main thread. */
import type { ShellRequest } from '../messages/messages.js';
import { commInfo } from './commInfo.js';
import { complete } from './complete.js';
import { connect } from './connect.js';
import type { Handler } from './context.js';
import { execute } from './execute.js';
import { history } from './history.js';
import { inspect } from './inspect.js';
import { isComplete } from './isComplete.js';

/** One handler per shell request: a request type without a row does not compile. */
export const shellHandlers = {
  kernel_info_request: (_content, context) => context.kernelInfo(),
  execute_request: execute,
  complete_request: complete,
  inspect_request: inspect,
  is_complete_request: isComplete,
  history_request: history,
  comm_info_request: commInfo,
  connect_request: connect,
} satisfies Record<ShellRequest, Handler>;

/** Whether a message type has a handler here. */
export const isShellRequest = (type: string): type is ShellRequest => Object.hasOwn(shellHandlers, type);
