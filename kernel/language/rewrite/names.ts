/** How a cell's JavaScript reads each name: the session's variables, imports that only this cell has, and everything else. */
import type ts from 'typescript';
import { bindingNames, isBlockScoped, lexicalNames, varNames } from './bindings.js';

type TypeScript = typeof ts;

/** The parameter of a compiled cell that holds the session's variables (sessionScope.ts). */
export const scopeName = '__names__';
/** The parameter of a compiled cell that holds its runtime (cellRuntime.ts). */
export const runtimeName = '__cell__';
/** The parameters of a compiled cell, in their order. */
export const cellParameters = [scopeName, runtimeName, 'require', 'module', 'exports', '__filename', '__dirname'];

/** Names that no scope resolves: they are the language's, or parameters of the cell. */
const fixed = new Set(['undefined', 'arguments', ...cellParameters]);

/** What a rewrite depends on. */
export interface RewriteOptions {
  /** The names that this cell declares for the session. */
  readonly declared: ReadonlySet<string>;
  /** Whether an earlier cell has declared a name. */
  readonly isKnown: (name: string) => boolean;
  /** Whether a name is a global of the process. */
  readonly isGlobal: (name: string) => boolean;
}

/** The names of a function, block or class, and the scopes around it. */
export interface Scope {
  readonly names: ReadonlySet<string>;
  readonly parent: Scope | undefined;
  /** The session's class whose body this is: its methods read the newest class of that name, its static part reads itself. */
  readonly ownClass?: string;
  /** Set in static fields and static blocks, which run before the class has its name. */
  readonly isStatic?: boolean;
}

/** The scope of what is declared in a function, with its own name if it is an expression. */
export function functionScope(typescript: TypeScript, node: ts.FunctionLikeDeclaration, parent: Scope): Scope {
  const names = node.parameters.flatMap(({ name }) => bindingNames(typescript, name));
  const { body } = node;
  if (body !== undefined) {
    names.push(...varNames(typescript, body));
    if (typescript.isBlock(body)) names.push(...lexicalNames(typescript, body.statements));
  }
  if (typescript.isFunctionExpression(node) && node.name !== undefined) names.push(node.name.text);
  return { names: new Set(names), parent };
}

/** The scope that a statement opens; `undefined` if it opens none. */
export function blockScope(typescript: TypeScript, node: ts.Node, parent: Scope): Scope | undefined {
  if (typescript.isBlock(node)) return { names: new Set(lexicalNames(typescript, node.statements)), parent };
  if (typescript.isCaseBlock(node)) {
    const statements = node.clauses.flatMap((clause) => [...clause.statements]);
    return { names: new Set(lexicalNames(typescript, statements)), parent };
  }
  if (typescript.isForStatement(node) || typescript.isForInStatement(node) || typescript.isForOfStatement(node)) {
    const { initializer } = node;
    if (initializer === undefined || !typescript.isVariableDeclarationList(initializer)) return undefined;
    if (!isBlockScoped(typescript, initializer)) return undefined;
    return { names: new Set(initializer.declarations.flatMap(({ name }) => bindingNames(typescript, name))), parent };
  }
  if (typescript.isCatchClause(node) && node.variableDeclaration !== undefined) {
    return { names: new Set(bindingNames(typescript, node.variableDeclaration.name)), parent };
  }
  if (typescript.isClassStaticBlockDeclaration(node)) {
    const names = [...varNames(typescript, node.body), ...lexicalNames(typescript, node.body.statements)];
    return { names: new Set(names), parent };
  }
  return undefined;
}

/** Resolves the names of one cell. */
export class Names {
  /** Imports that later cells don't see, such as those that the compiler adds for JSX: the expression that reads each. */
  readonly imports = new Map<string, string>();
  readonly #options: RewriteOptions;

  constructor(options: RewriteOptions) {
    this.#options = options;
  }

  isDeclared(name: string): boolean {
    return this.#options.declared.has(name);
  }

  /** What a name becomes when it is read or assigned in a scope; `undefined` if it stays. */
  replacement(name: string, scope: Scope): string | undefined {
    const { declared, isKnown, isGlobal } = this.#options;
    let isStatic = false;
    for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) {
      if (each.names.has(name)) return each.parent === undefined ? this.imports.get(name) : undefined;
      isStatic ||= each.isStatic === true;
      if (each.ownClass === name && isStatic) return undefined;
      if (each.ownClass !== undefined) isStatic = false;
    }
    if (declared.has(name) || isKnown(name)) return inSession(name);
    if (fixed.has(name) || isGlobal(name)) return undefined;
    // A cell that is not checked may read and assign what a later cell declares.
    return inSession(name);
  }

  /** Whether reading the name may fail because nothing has declared it so far. */
  isUncertain(name: string): boolean {
    const { declared, isKnown } = this.#options;
    return !declared.has(name) && !isKnown(name);
  }
}

/** How a cell's JavaScript reads and assigns a variable of the session. */
export const inSession = (name: string) => `${scopeName}.${name}`;
