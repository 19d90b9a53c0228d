/** Removes from a cell's code what the converter can't take. Characters are replaced by spaces, so every position stays. */
import type ts from '@tslab/typescript-for-tslab';

const blank = (text: string) => text.replace(/[^\n]/g, ' ');

/** Without the attributes of `import data from './data.json' with { type: 'json' }`: the converter's TypeScript is older than they are. */
export function withoutImportAttributes(code: string): string {
  return code.replace(
    /^([ \t]*(?:import|export)\b[^;'"`]*?['"][^'"\n]+['"]\s*)((?:with|assert)\s*\{[^}]*\})/gm,
    (_all, kept: string, attributes: string) => kept + blank(attributes),
  );
}

/** Without `export` before declarations, as in code pasted from a module: later cells can use every name anyway. */
export function withoutExports(typescript: typeof ts, code: string): string {
  if (!/\bexport\b/.test(code)) return code;
  const file = typescript.createSourceFile('cell.ts', code, typescript.ScriptTarget.Latest);
  const modifiers = file.statements.flatMap((statement) =>
    typescript.canHaveModifiers(statement) ? (typescript.getModifiers(statement) ?? []) : [],
  );
  const isDefault = modifiers.some(({ kind }) => kind === typescript.SyntaxKind.DefaultKeyword);
  if (isDefault) return code;
  return modifiers
    .filter(({ kind }) => kind === typescript.SyntaxKind.ExportKeyword)
    .reduce((text, { end }) => text.slice(0, end - 'export'.length) + blank('export') + text.slice(end), code);
}
