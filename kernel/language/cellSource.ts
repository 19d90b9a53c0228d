/**
 * Cells as people write them, made into what the converter takes. Only characters are blanked, so every position stays.
 */
import type ts from '@tslab/typescript-for-tslab';

const blank = (text: string) => text.replace(/[^\n]/g, ' ');

/** `import data from './data.json' with { type: 'json' }`: younger than the converter's TypeScript, and nothing that it needs. */
export function withoutImportAttributes(code: string): string {
  return code.replace(
    /^([ \t]*(?:import|export)\b[^;'"`]*?['"][^'"\n]+['"]\s*)((?:with|assert)\s*\{[^}]*\})/gm,
    (_all, kept: string, attributes: string) => kept + blank(attributes),
  );
}

/** Every name of a cell is there for the next one: `export` in code that was pasted from a module changes nothing. */
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
