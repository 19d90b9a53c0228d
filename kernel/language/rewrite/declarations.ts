/** Turns declarations of the session's variables into assignments. */
import type ts from 'typescript';
import { bindingNames } from './bindings.js';
import { inSession, type Scope } from './names.js';
import type { Rewriting } from './rewriting.js';

/** What a list of declarations stands in: the cell's top, a block, `for (;;)`, or the head of `for .. of` and `for .. in`. */
export type Place = 'top' | 'nested' | 'for' | 'for each';

/** Rewrites `const a = 1, { b } = c` to `__names__.a = 1, ({ b: __names__.b } = c)`. */
export function rewriteDeclarationList(
  rewriting: Rewriting,
  list: ts.VariableDeclarationList,
  scope: Scope,
  place: Place,
): void {
  const { typescript, edits, names, references, prologue } = rewriting;
  const all = list.declarations.flatMap(({ name }) => bindingNames(typescript, name));
  if (!all.some((name) => names.isDeclared(name))) {
    typescript.forEachChild(list, (child) => references.visit(child, scope));
    return;
  }
  // A helper of the compiler in the same list is declared before the cell.
  const helpers = all.filter((name) => !names.isDeclared(name));
  if (helpers.length > 0) prologue.push(`var ${helpers.join(', ')};`);
  edits.replace(list.getStart(), list.declarations[0]!.getStart(), '');
  for (const declaration of list.declarations) rewriteDeclaration(rewriting, declaration, scope, place);
}

function rewriteDeclaration(
  rewriting: Rewriting,
  { name, initializer, end }: ts.VariableDeclaration,
  scope: Scope,
  place: Place,
): void {
  const { typescript, edits, references, names } = rewriting;
  if (!typescript.isIdentifier(name)) {
    const start = name.getStart();
    if (place !== 'for each') {
      edits.before(start, '(');
      edits.after(end, ')');
    }
    rewritePattern(rewriting, name, scope);
    if (initializer !== undefined) references.visit(initializer, scope);
    return;
  }
  const target = names.isDeclared(name.text) ? inSession(name.text) : name.text;
  references.seen.add(name.text);
  if (initializer !== undefined) {
    edits.replace(name.getStart(), name.end, target);
    references.keepName(name.text, initializer);
    references.visit(initializer, scope);
  } else if (place === 'for each') {
    edits.replace(name.getStart(), name.end, target);
  } else {
    // In a block, the name has its first value already (`resetVars`).
    edits.replace(name.getStart(), name.end, place === 'top' ? `${target} = void 0` : 'void 0');
  }
}

/** Rewrites the pattern of a declaration to the pattern of an assignment: `{ a }` to `{ a: __names__.a }`. */
function rewritePattern(rewriting: Rewriting, pattern: ts.BindingPattern, scope: Scope): void {
  const { typescript, edits, names, references } = rewriting;
  for (const element of pattern.elements) {
    if (typescript.isOmittedExpression(element)) continue;
    const { name, propertyName, dotDotDotToken, initializer } = element;
    if (propertyName !== undefined && typescript.isComputedPropertyName(propertyName)) {
      references.visit(propertyName, scope);
    }
    if (typescript.isIdentifier(name)) {
      const isShort =
        typescript.isObjectBindingPattern(pattern) && propertyName === undefined && dotDotDotToken === undefined;
      if (names.isDeclared(name.text)) {
        const target = inSession(name.text);
        if (isShort) edits.before(name.end, `: ${target}`);
        else edits.replace(name.getStart(), name.end, target);
      }
    } else rewritePattern(rewriting, name, scope);
    if (initializer === undefined) continue;
    if (typescript.isIdentifier(name)) references.keepName(name.text, initializer);
    references.visit(initializer, scope);
  }
}
