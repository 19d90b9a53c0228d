import { isCellComplete } from '../magics/edit.js';
import { read } from '../messages/content.js';
import type { Handler } from './context.js';

/** is_complete_request: whether the console's Enter key runs the code or adds a line. */
export const isComplete: Handler = (content, context) => ({
  ...isCellComplete(read.text(content, 'code'), context.language()),
});
