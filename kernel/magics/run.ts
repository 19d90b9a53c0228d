/** Runs a cell with its magics: those first, in their order, then the rest of the code. */
import { nearestName } from '../../src/core/nearestName.js';
import type { CellError, Outcome, RunOptions } from '../language/language.js';
import { codeFrame } from '../language/positions.js';
import { done, MagicError, type MagicHost } from './magic.js';
import { parseCell, placed, type MagicLine } from './parse.js';
import { findMagic, magicNames, magics } from './table.js';

/** Runs a cell under a name. Errors of the cell and of magics are in the outcome; it does not reject for them. */
export async function runCell(cell: string, name: string, host: MagicHost, options?: RunOptions): Promise<Outcome> {
  const { magics: lines, code } = parseCell(cell);
  let outcome: Outcome = done;
  for (const line of lines) {
    outcome = await runMagic(line, cell, name, host);
    if (outcome.kind === 'failed') return outcome;
  }
  const isRest = lines.at(-1)?.kind !== 'cell' && (code.trim() !== '' || lines.length === 0);
  return isRest ? withHint(await host.language().run(code, name, options), code) : outcome;
}

async function runMagic(magicLine: MagicLine, cell: string, name: string, host: MagicHost): Promise<Outcome> {
  const { kind, argument, line, column } = magicLine;
  const body =
    kind === 'cell'
      ? cell
          .split('\n')
          .slice(line + 1)
          .join('\n')
      : '';
  const run = (options?: RunOptions) =>
    kind === 'cell'
      ? runCell(placed(body, line + 1, 0), name, host, options)
      : host.language().run(placed(argument, line, column), `${name}-line-${line + 1}`, options);
  try {
    return await actionOf(magicLine)({ ...host, argument, body, run });
  } catch (error) {
    if (!(error instanceof MagicError)) return { kind: 'failed', error: host.language().describe(error) };
    return { kind: 'failed', error: describe(error, cell, line, name) };
  }
}

function actionOf({ kind, name }: MagicLine) {
  const magic = findMagic(name);
  const action = magic?.[kind];
  if (action !== undefined) return action;
  const sign = kind === 'cell' ? '%%' : '%';
  if (magic !== undefined) {
    throw new MagicError(
      kind === 'cell'
        ? `%%${name} is not a cell magic: write it as %${name}, on a line of its own at the top of the cell.`
        : `%${name} is not a line magic: write it as %%${name}, as the first line of the cell.`,
    );
  }
  const known = magicNames.filter((each) => kind in magics[each]);
  const nearest = nearestName(name, known) ?? nearestName(name, magicNames);
  const proposal =
    nearest === undefined
      ? ''
      : `; did you mean '${kind in magics[nearest] ? sign : kind === 'cell' ? '%' : '%%'}${nearest}'?`;
  throw new MagicError(`'${sign}${name}' is not a magic${proposal === '' ? '.' : proposal} %lsmagic lists them all.`);
}

function describe({ name, message }: MagicError, cell: string, line: number, file: string): CellError {
  const length = cell.split('\n')[line]!.trimEnd().length;
  const traceback = [
    `\u001b[31m${name}: ${message}\u001b[39m`,
    `${file}.ts:${line + 1}:1`,
    ...codeFrame(cell, { line, column: 0 }, length),
  ];
  return { name, message, traceback };
}

/** A magic below code is read as TypeScript; a hint is added to TypeScript's error, which does not mention magics. */
function withHint(outcome: Outcome, code: string): Outcome {
  if (outcome.kind === 'done') return outcome;
  const misplaced = code.split('\n').find((line) => findMagic(/^%{1,2}(\w+)/.exec(line)?.[1] ?? '') !== undefined);
  if (misplaced === undefined) return outcome;
  const hint = `(If '${misplaced.trim()}' is meant as a magic: magics are written at the top of a cell.)`;
  return { kind: 'failed', error: { ...outcome.error, traceback: [...outcome.error.traceback, hint] } };
}
