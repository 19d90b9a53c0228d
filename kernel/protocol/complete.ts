import { completeCell } from '../magics/edit.js';
import { read } from '../messages/content.js';
import type { Handler } from './context.js';
import { codePointsToUnits, unitsToCodePoints } from './cursor.js';

/**
 * complete_request: the matches, and beside them what JupyterLab shows of each: kind, signature, documentation, and the text to
 * insert if it is not the match itself.
 */
export const complete: Handler = (content, context) => {
  const code = read.text(content, 'code');
  const position = codePointsToUnits(code, read.number(content, 'cursor_pos', Infinity));
  const completion = completeCell(code, position, context.language());
  const [start, end] = [unitsToCodePoints(code, completion.start), unitsToCodePoints(code, completion.end)];
  return {
    status: 'ok',
    matches: completion.items.map(({ text }) => text),
    cursor_start: start,
    cursor_end: end,
    metadata: {
      _jupyter_types_experimental: completion.items.map(({ text, kind, signature, documentation, insertText }) => ({
        start,
        end,
        text,
        type: kind,
        signature,
        documentation,
        ...(insertText === undefined ? {} : { insert_text: insertText }),
      })),
    },
  };
};
