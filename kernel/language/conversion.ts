/** The parts of one conversion, as TypeScript's replaced members collect them (replacedTypescript.ts). */
import type { SourceMapPayload } from 'node:module';
import path from 'node:path';
import type ts from '@tslab/typescript-for-tslab';
import type { SideOutput } from 'tslab/dist/converter.js';
import { outputPath, type CompiledCell, type CompiledFile } from './compiled.js';
import { createInstrumentation } from './instrument.js';
import type { AroundEmit, TypeScript } from './program.js';

/** The name that the converter gives the cell's file. */
export const cellFile = '__tslab__.ts';

/** What was compiled so far. */
export interface Conversion {
  cell: CompiledCell | undefined;
  readonly files: CompiledFile[];
  /** Compiled files outside the notebook's folder, which the converter refuses. */
  readonly elsewhere: SideOutput[];
  readonly fixes: Map<number, readonly string[]>;
  /** The imported file that is being emitted; `undefined` while the cell itself is compiled. */
  emitting: string | undefined;
  /** Set for the first of a conversion's two compilations, if there will be two. */
  namesFirst: boolean;
}

/** The state at the start of a conversion. */
export const newConversion = (namesFirst = false): Conversion => ({
  cell: undefined,
  files: [],
  elsewhere: [],
  fixes: new Map(),
  emitting: undefined,
  namesFirst,
});

/** TypeScript's `transpileModule`, which also keeps the source maps and instruments the cell's code. */
export function transpile(
  typescript: TypeScript,
  conversion: Conversion,
  code: string,
  options: ts.TranspileOptions,
): ts.TranspileOutput {
  const { text, map } = splitSourceMap(code);
  const { emitting } = conversion;
  const added = emitting === undefined ? createInstrumentation(typescript) : undefined;
  const output = typescript.transpileModule(text, {
    ...options,
    compilerOptions: { ...options.compilerOptions, sourceMap: true },
    ...(added === undefined ? {} : { transformers: { before: [added.transformer] } }),
  });
  const steps = [JSON.parse(output.sourceMapText ?? '{}') as SourceMapPayload, map];
  if (added !== undefined) conversion.cell = { steps, instrumentation: added };
  if (emitting !== undefined) conversion.files.push({ source: emitting, output: outputPath(emitting), steps });
  return { ...output, outputText: output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n') };
}

/** Notes which file is emitted; files outside the notebook's folder are compiled with `toCommonJs` and kept in `elsewhere`. */
export const noteEmits =
  (conversion: () => Conversion, toCommonJs: (code: string) => string): AroundEmit =>
  (source, emit) => {
    const current = conversion();
    current.emitting = path.basename(source) === cellFile ? undefined : source;
    try {
      emit((code) => current.elsewhere.push({ path: outputPath(source), data: toCommonJs(code) }));
    } finally {
      current.emitting = undefined;
    }
  };

function splitSourceMap(code: string): { text: string; map: SourceMapPayload } {
  const marker = '//# sourceMappingURL=data:application/json;base64,';
  const start = code.lastIndexOf(marker);
  if (start < 0) throw new Error('the converter gave no source map');
  const encoded = code.slice(start + marker.length).trim();
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as SourceMapPayload;
  return { text: code.slice(0, start), map };
}
