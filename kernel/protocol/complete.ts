import { completeCell } from '../magics/edit.js';
import { read, type Handler } from './context.js';
import { codePointsToUnits, unitsToCodePoints } from './cursor.js';

export const complete: Handler = (content, context) => {
  const code = read.text(content, 'code');
  const position = codePointsToUnits(code, read.number(content, 'cursor_pos', Infinity));
  const { matches, start, end } = completeCell(code, position, context.language());
  return {
    status: 'ok',
    matches,
    cursor_start: unitsToCodePoints(code, start),
    cursor_end: unitsToCodePoints(code, end),
    metadata: {},
  };
};
