import { read, type Handler } from './context.js';

export const isComplete: Handler = (content, context) => ({
  ...context.language().isComplete(read.text(content, 'code')),
});
