import { isCellComplete } from '../magics/edit.js';
import { read, type Handler } from './context.js';

export const isComplete: Handler = (content, context) => ({
  ...isCellComplete(read.text(content, 'code'), context.language()),
});
