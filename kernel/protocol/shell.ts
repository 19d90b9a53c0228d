/** Requests on the shell channel, handled one after the other on the main thread. */
import { commInfo } from './commInfo.js';
import { complete } from './complete.js';
import { connect } from './connect.js';
import type { Handler } from './context.js';
import { execute } from './execute.js';
import { history } from './history.js';
import { inspect } from './inspect.js';
import { isComplete } from './isComplete.js';
import { kernelInfo } from './kernelInfo.js';

export type ShellRequest =
  | 'kernel_info_request'
  | 'execute_request'
  | 'complete_request'
  | 'inspect_request'
  | 'is_complete_request'
  | 'history_request'
  | 'comm_info_request'
  | 'connect_request';

export const shellHandlers = {
  kernel_info_request: kernelInfo,
  execute_request: execute,
  complete_request: complete,
  inspect_request: inspect,
  is_complete_request: isComplete,
  history_request: history,
  comm_info_request: commInfo,
  connect_request: connect,
} satisfies Record<ShellRequest, Handler>;

export const isShellRequest = (type: string): type is ShellRequest => Object.hasOwn(shellHandlers, type);
