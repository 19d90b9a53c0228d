/** Errors as a notebook shows them: what is wrong, its place with the source line, and a stack of cells and user files. */
import { inspect } from 'node:util';
import { diagnosticError, type CellDiagnostic } from './diagnosticError.js';
import type { CellError } from './language.js';
import { codeFrame, type Position, type Script, type Scripts } from './positions.js';
import { causes, describeError, headline, installStackTraces, place, red } from './stackTraces.js';

/** Turns thrown values and diagnostics into `CellError`s. */
export interface ErrorDescriber {
  /** `statement` is the cell's statement that ran; it is shown for values without a stack. */
  thrown(value: unknown, statement?: { readonly script: Script; readonly position: Position }): CellError;
  diagnostics(diagnostics: readonly CellDiagnostic[], script: Script): CellError;
}

/** A describer; from now on every error's stack in this process shows typed positions. */
export function createErrorDescriber(scripts: Scripts): ErrorDescriber {
  const framesOf = installStackTraces(scripts);
  return {
    thrown(value, statement) {
      const located =
        statement === undefined
          ? []
          : [
              place(statement.script.name, statement.position),
              ...codeFrame(statement.script.source, statement.position),
            ];
      if (!(value instanceof Error)) {
        const text = typeof value === 'string' ? value : inspect(value);
        return { name: 'Thrown', message: text, traceback: [`${red('Thrown')}: ${text}`, ...located] };
      }
      const hasFrames = typeof value.stack === 'string' && (framesOf.get(value) ?? []).some(({ script }) => script);
      return {
        name: value.name,
        message: value.message,
        traceback:
          hasFrames || statement === undefined
            ? describeError(value, framesOf)
            : [red(headline(value)), ...located, ...causes(value, framesOf)],
      };
    },
    diagnostics: diagnosticError,
  };
}
