/** Cells without a checker: TypeScript's transpiler, the engine's own rewriting, and a session's scope. */
import { Script } from 'node:vm';
import ts from 'typescript';
import { cellNames } from '../../../kernel/language/cellNames.js';
import { cellParameters, runtimeName } from '../../../kernel/language/rewrite/names.js';
import { rewriteCell, type RewrittenCell } from '../../../kernel/language/rewrite/rewriteCell.js';
import { SessionScope } from '../../../kernel/language/sessionScope.js';

/** A cell's JavaScript as the engine rewrites it; `known` are the names of earlier cells. */
export function rewritten(code: string, known: ReadonlySet<string> = new Set()): RewrittenCell {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  const { outputText } = ts.transpileModule(`${code}\nexport {};`, {
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  return rewriteCell(ts, outputText, {
    declared: new Set(cellNames(ts, file).keys()),
    isKnown: (name) => known.has(name),
    isGlobal: (name) => name in globalThis,
  });
}

/** A session whose cells run one after the other and return what they put in `__cell__.value`. */
export function createSession() {
  const scope = new SessionScope();
  const known = new Set<string>();
  return {
    run(code: string): unknown {
      const cell = rewritten(code, known);
      for (const name of cell.declaredBy.keys()) known.add(name);
      const text = `(function (${cellParameters.join(', ')}) { 'use strict'; ${cell.prologue}\n${cell.text}\n})`;
      const hoist = (names: string[]) =>
        names.filter((name) => !scope.has(name)).forEach((name) => scope.assign(name, undefined));
      const runtime: { value?: unknown } = { hoist, caught: () => undefined } as never;
      const run = new Script(text).runInThisContext() as (...given: unknown[]) => void;
      run(
        ...cellParameters.map((name) =>
          name === '__names__' ? scope.names : name === runtimeName ? runtime : undefined,
        ),
      );
      return runtime.value;
    },
  };
}
