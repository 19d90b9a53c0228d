/** JavaScript of a cell and of the files that it imports, with the way back to what was typed. */
import type { SourceMapPayload } from 'node:module';
import type ts from 'typescript';
import { outputPath, type CompiledFile } from './compiled.js';
import { createPositionMap } from './positions.js';
import { runtimeName } from './rewrite/names.js';

/** JavaScript and its source map. */
export interface Emitted {
  readonly javascript: string;
  readonly map: SourceMapPayload;
}

/** Emits a cell's code in its file as an ES module, without what the kernel has put around it; its last expression is kept as a value. */
export function emitCell(
  typescript: typeof ts,
  program: ts.Program,
  file: ts.SourceFile,
  { offset, length }: { readonly offset: number; readonly length: number },
  hasValue: boolean,
): Emitted {
  const { factory } = typescript;
  const ownStatements: ts.TransformerFactory<ts.SourceFile> = () => (source) => {
    const own = source.statements.filter(({ end }) => end > offset && end <= offset + length);
    const last = own.findLastIndex((statement) => typescript.isExpressionStatement(statement));
    const statements = own.map((statement, index) => {
      if (!hasValue || index !== last || !typescript.isExpressionStatement(statement)) return statement;
      const target = factory.createPropertyAccessExpression(factory.createIdentifier(runtimeName), 'value');
      return factory.updateExpressionStatement(statement, factory.createAssignment(target, statement.expression));
    });
    return factory.updateSourceFile(source, statements);
  };
  return emitted(program, file, [ownStatements]);
}

function emitted(program: ts.Program, file: ts.SourceFile, before: ts.TransformerFactory<ts.SourceFile>[]): Emitted {
  let javascript = '';
  let map = '{}';
  program.emit(
    file,
    (name, text) => {
      if (name.endsWith('.map')) map = text;
      else javascript = text;
    },
    undefined,
    false,
    { before },
  );
  return { javascript: withoutMapComment(javascript), map: JSON.parse(map) as SourceMapPayload };
}

const withoutMapComment = (text: string) => text.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');

/** Compiles a file of the user to CommonJS, which cells require. */
export function emitFile(typescript: typeof ts, program: ts.Program, file: ts.SourceFile): CompiledFile {
  const module = emitted(program, file, []);
  const { target } = program.getCompilerOptions();
  const script = typescript.transpileModule(module.javascript, {
    fileName: 'file.js',
    compilerOptions: {
      ...(target === undefined ? {} : { target }),
      module: typescript.ModuleKind.CommonJS,
      esModuleInterop: true,
      sourceMap: true,
    },
  });
  const steps = [JSON.parse(script.sourceMapText ?? '{}') as SourceMapPayload, module.map];
  return {
    output: outputPath(file.fileName),
    source: file.fileName,
    javascript: withoutMapComment(script.outputText),
    awaits: awaitsAtTop(typescript, module.javascript),
    original: createPositionMap({ steps, prefixLines: 0 }),
  };
}

function awaitsAtTop(typescript: typeof ts, javascript: string): boolean {
  if (!/\bawait\b/.test(javascript)) return false;
  const file = typescript.createSourceFile('file.js', javascript, typescript.ScriptTarget.Latest);
  const awaits = (node: ts.Node): boolean =>
    typescript.isAwaitExpression(node) ||
    (typescript.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (!typescript.isFunctionLike(node) && (typescript.forEachChild(node, awaits) ?? false));
  return awaits(file);
}
