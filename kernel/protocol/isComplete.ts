import { isCellComplete } from '../magics/edit.js';
import { read } from '../messages/content.js';
import type { Handler } from './context.js';

export const isComplete: Handler = (content, context) => ({
  ...isCellComplete(read.text(content, 'code'), context.language()),
});
