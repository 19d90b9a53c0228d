/**
 * The declarations that the next cell sees, after a cell that failed half-way.
 *
 * Python keeps what a cell assigned before it raised; so do we. Names that the cell declared and never reached keep their
 * earlier declaration (and value), if there was one.
 */
import type ts from '@tslab/typescript-for-tslab';

/**
 * `next` without its variables and classes named in `unreached`, and with those of `previous` in their place.
 *
 * @example
 * keepReached(typescript, 'declare let x: number;', 'declare let x: string; declare let y: string;', new Set(['x']));
 * // 'declare let y: string;\ndeclare let x: number;'
 */
export function keepReached(
  typescript: typeof ts,
  previous: string,
  next: string,
  unreached: ReadonlySet<string>,
): string {
  if (unreached.size === 0) return next;
  const parse = (text: string) => typescript.createSourceFile('d.ts', text, typescript.ScriptTarget.Latest, true);
  const select = (text: string, keep: (name: string | undefined) => boolean) =>
    parse(text).statements.flatMap((statement) => {
      if (!typescript.isVariableStatement(statement)) {
        const name =
          typescript.isClassDeclaration(statement) || typescript.isEnumDeclaration(statement)
            ? statement.name?.text
            : undefined;
        return keep(name) ? [statement.getText()] : [];
      }
      const keyword = /^[^]*?\b(?:const|let|var)\b/.exec(statement.getText())?.[0] ?? 'declare let';
      return statement.declarationList.declarations
        .filter((declaration) => keep(declaration.name.getText()))
        .map((declaration) => `${keyword} ${declaration.getText()};`);
    });
  return [
    ...select(next, (name) => name === undefined || !unreached.has(name)),
    ...select(previous, (name) => name !== undefined && unreached.has(name)),
  ].join('\n');
}

/**
 * The types in declarations, by name.
 *
 * @example
 * declaredTypes(typescript, 'declare let x: number; declare function f(a: string): void;');
 * // Map { 'x' => 'number', 'f' => '(a: string) => void' }
 */
export function declaredTypes(typescript: typeof ts, declarations: string): Map<string, string> {
  const file = typescript.createSourceFile('d.ts', declarations, typescript.ScriptTarget.Latest, true);
  const types = new Map<string, string>();
  for (const statement of file.statements) {
    if (typescript.isVariableStatement(statement)) {
      for (const { name, type, initializer } of statement.declarationList.declarations) {
        types.set(name.getText(), (type ?? initializer)?.getText() ?? 'any');
      }
    } else if (typescript.isFunctionDeclaration(statement)) {
      const parameters = statement.parameters.map((each) => each.getText()).join(', ');
      types.set(statement.name?.text ?? '', `(${parameters}) => ${statement.type?.getText() ?? 'any'}`);
    } else if (typescript.isClassDeclaration(statement)) {
      types.set(statement.name?.text ?? '', 'class');
    } else if (typescript.isEnumDeclaration(statement)) {
      types.set(statement.name.text, 'enum');
    }
  }
  return types;
}
