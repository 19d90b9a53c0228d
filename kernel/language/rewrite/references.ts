/** Visits expressions and statements of a cell's JavaScript, and rewrites what reads, assigns and waits. */
import type ts from 'typescript';
import { isBlockScoped, isReference, isUsingAtTop } from './bindings.js';
import type { Edits } from './edits.js';
import { blockScope, functionScope, runtimeName, scopeName, type Names, type Scope } from './names.js';

type TypeScript = typeof ts;

/** Rewrites references; `visit` goes through a node and everything in it. */
export class References {
  /** Every identifier that was visited. */
  readonly seen = new Set<string>();
  /** Whether there is an `await` or `for await` outside all functions. */
  awaits = false;
  /** Rewrites a `var` of the cell's own level inside a block or loop. */
  onVars: (list: ts.VariableDeclarationList, scope: Scope) => void = () => undefined;
  readonly #typescript: TypeScript;
  readonly #edits: Edits;
  readonly #names: Names;
  /** How many functions are around what is visited. */
  #depth = 0;

  constructor(typescript: TypeScript, edits: Edits, names: Names) {
    this.#typescript = typescript;
    this.#edits = edits;
    this.#names = names;
  }

  /** Visits a node of any kind. */
  visit(node: ts.Node, scope: Scope): void {
    const typescript = this.#typescript;
    if (typescript.isIdentifier(node)) this.#identifier(node, scope);
    else if (typescript.isShorthandPropertyAssignment(node)) this.#shorthand(node, scope);
    else if (typescript.isCallExpression(node)) this.#call(node, scope);
    else if (typescript.isTypeOfExpression(node)) this.#typeOf(node, scope);
    else if (typescript.isBinaryExpression(node)) this.#binary(node, scope);
    else if (typescript.isMetaProperty(node)) this.#meta(node);
    else if (typescript.isAwaitExpression(node)) this.#await(node, scope);
    else if (typescript.isTaggedTemplateExpression(node)) {
      this.#callee(node.tag, scope);
      this.visit(node.template, scope);
    } else if (typescript.isVariableDeclarationList(node)) this.#list(node, scope);
    else if (typescript.isClassLike(node)) this.#class(node, scope);
    else if (typescript.isFunctionLike(node)) this.#function(node as ts.FunctionLikeDeclaration, scope);
    else this.#block(node, scope);
  }

  /**
   * Keeps the name that a function or class without one takes from the variable it is assigned to: an assignment to a member gives
   * none.
   */
  keepName(name: string, value: ts.Expression): void {
    const typescript = this.#typescript;
    let inner = value;
    while (typescript.isParenthesizedExpression(inner)) inner = inner.expression;
    const isNameless =
      typescript.isArrowFunction(inner) ||
      ((typescript.isFunctionExpression(inner) || typescript.isClassExpression(inner)) && inner.name === undefined);
    if (!isNameless) return;
    // A literal `__proto__:` would set the prototype.
    const isPlain = name !== '__proto__';
    this.#edits.before(value.getStart(), isPlain ? `({ ${name}: ` : `({ ['${name}']: `);
    this.#edits.after(value.end, ` }).${name}`);
  }

  /** The text that an identifier becomes when it is assigned; `undefined` if it stays. */
  target(name: string, scope: Scope): string | undefined {
    return this.#names.replacement(name, scope);
  }

  #children(node: ts.Node, scope: Scope): void {
    this.#typescript.forEachChild(node, (child) => this.visit(child, scope));
  }

  #identifier(node: ts.Identifier, scope: Scope): void {
    this.seen.add(node.text);
    if (!isReference(this.#typescript, node)) return;
    const text = this.#names.replacement(node.text, scope);
    if (text !== undefined) this.#edits.replace(node.getStart(), node.end, text);
  }

  #shorthand(node: ts.ShorthandPropertyAssignment, scope: Scope): void {
    this.seen.add(node.name.text);
    const text = this.#names.replacement(node.name.text, scope);
    if (text !== undefined) this.#edits.before(node.name.end, `: ${text}`);
    const { objectAssignmentInitializer: initializer } = node;
    if (initializer === undefined) return;
    if (text !== undefined) this.keepName(node.name.text, initializer);
    this.visit(initializer, scope);
  }

  /** A function of the session is called without the session as its `this`. */
  #callee(node: ts.Expression, scope: Scope): void {
    const text = this.#typescript.isIdentifier(node) ? this.#names.replacement(node.text, scope) : undefined;
    if (text === undefined) {
      this.visit(node, scope);
      return;
    }
    this.seen.add((node as ts.Identifier).text);
    // Errors name the place of the bracket: it counts as part of the name.
    const bracket = node.getSourceFile().text[node.end] === '(' ? '(' : '';
    this.#edits.replace(node.getStart(), node.end + bracket.length, `(0, ${text})${bracket}`);
  }

  #call(node: ts.CallExpression, scope: Scope): void {
    const { expression } = node;
    if (expression.kind === this.#typescript.SyntaxKind.ImportKeyword) {
      this.#edits.replace(expression.getStart(), expression.end, `${runtimeName}.import`);
    } else this.#callee(expression, scope);
    for (const argument of node.arguments) this.visit(argument, scope);
  }

  #typeOf(node: ts.TypeOfExpression, scope: Scope): void {
    const { expression } = node;
    if (this.#typescript.isIdentifier(expression) && this.#names.isUncertain(expression.text)) {
      const { text } = expression;
      const replacement = this.#names.replacement(text, scope);
      if (replacement?.startsWith(scopeName) === true) {
        this.#edits.before(node.getStart(), `(${JSON.stringify(text)} in ${scopeName} ? `);
        this.#edits.after(node.end, ` : typeof ${text})`);
      }
    }
    this.visit(expression, scope);
  }

  #binary(node: ts.BinaryExpression, scope: Scope): void {
    const { left, right, operatorToken } = node;
    const { EqualsToken, BarBarEqualsToken, AmpersandAmpersandEqualsToken, QuestionQuestionEqualsToken, InKeyword } =
      this.#typescript.SyntaxKind;
    const names = [EqualsToken, BarBarEqualsToken, AmpersandAmpersandEqualsToken, QuestionQuestionEqualsToken];
    if (names.some((kind) => kind === operatorToken.kind) && this.#typescript.isIdentifier(left)) {
      if (this.target(left.text, scope) !== undefined) this.keepName(left.text, right);
    }
    this.visit(left, scope);
    // `#count in Counter`: a private name belongs to the class that declares it, not to the newest one.
    const isPrivate = operatorToken.kind === InKeyword && this.#typescript.isPrivateIdentifier(left);
    if (!(isPrivate && this.#isOwnClass(right, scope))) this.visit(right, scope);
  }

  #isOwnClass(node: ts.Expression, scope: Scope | undefined): boolean {
    if (!this.#typescript.isIdentifier(node)) return false;
    for (let each = scope; each !== undefined; each = each.parent) if (each.ownClass === node.text) return true;
    return false;
  }

  #meta(node: ts.MetaProperty): void {
    if (node.keywordToken !== this.#typescript.SyntaxKind.ImportKeyword) return;
    this.#edits.replace(node.getStart(), node.end, `${runtimeName}.meta`);
  }

  #await(node: ts.AwaitExpression, scope: Scope): void {
    this.awaits ||= this.#depth === 0;
    this.#edits.before(node.expression.getStart(), `${runtimeName}.wait(`);
    this.#edits.after(node.expression.end, ')');
    this.visit(node.expression, scope);
  }

  #list(node: ts.VariableDeclarationList, scope: Scope): void {
    const isOfCell = !isBlockScoped(this.#typescript, node) || isUsingAtTop(this.#typescript, node);
    if (this.#depth === 0 && isOfCell) this.onVars(node, scope);
    else this.#children(node, scope);
  }

  #class(node: ts.ClassLikeDeclaration, scope: Scope): void {
    const typescript = this.#typescript;
    const name = node.name?.text;
    const isTop = typescript.isClassDeclaration(node) && scope.parent === undefined && this.#depth === 0;
    const isSession = isTop && name !== undefined && this.#names.isDeclared(name);
    const inside: Scope = {
      names: new Set(name === undefined || isSession ? [] : [name]),
      parent: scope,
      ...(isSession ? { ownClass: name } : {}),
    };
    // What is computed before the class exists sees the class itself.
    const early: Scope = { names: new Set(), parent: inside, isStatic: true };
    for (const clause of node.heritageClauses ?? []) this.visit(clause, early);
    for (const member of node.members) {
      if (member.name !== undefined && typescript.isComputedPropertyName(member.name))
        this.#children(member.name, early);
      const isStatic =
        typescript.isClassStaticBlockDeclaration(member) ||
        (typescript.isPropertyDeclaration(member) &&
          (member.modifiers ?? []).some(({ kind }) => kind === typescript.SyntaxKind.StaticKeyword));
      const within = isStatic ? early : inside;
      if (typescript.isPropertyDeclaration(member)) {
        if (member.initializer !== undefined) this.#deeper(() => this.visit(member.initializer!, within));
      } else if (typescript.isClassStaticBlockDeclaration(member)) {
        this.#deeper(() => this.#block(member, within));
      } else this.#function(member as ts.FunctionLikeDeclaration, within);
    }
  }

  #function(node: ts.FunctionLikeDeclaration, scope: Scope): void {
    const inside = functionScope(this.#typescript, node, scope);
    this.#deeper(() => {
      for (const parameter of node.parameters) this.visit(parameter, inside);
      const { name } = node;
      if (name !== undefined && this.#typescript.isComputedPropertyName(name)) {
        if (this.#typescript.isObjectLiteralExpression(node.parent)) this.#children(name, scope);
      }
      if (node.body === undefined) return;
      // A function's block has its scope, not one of its own.
      if (this.#typescript.isBlock(node.body)) this.#children(node.body, inside);
      else this.visit(node.body, inside);
    });
  }

  #deeper(action: () => void): void {
    this.#depth += 1;
    action();
    this.#depth -= 1;
  }

  #block(node: ts.Node, scope: Scope): void {
    const typescript = this.#typescript;
    if (typescript.isPropertyAccessExpression(node) && typescript.isPrivateIdentifier(node.name)) {
      // See `#binary`: the class that declares a private name.
      if (this.#isOwnClass(node.expression, scope)) return;
    }
    const inside = blockScope(typescript, node, scope) ?? scope;
    if (typescript.isForOfStatement(node) && node.awaitModifier !== undefined) {
      this.awaits ||= this.#depth === 0;
      this.#edits.before(node.expression.getStart(), `${runtimeName}.each(`);
      this.#edits.after(node.expression.end, ')');
    }
    if (typescript.isCatchClause(node)) this.#catch(node);
    this.#children(node, inside);
  }

  /** What a cell catches may be a stop of the cell, or an error of the engine that names `__names__`. */
  #catch(node: ts.CatchClause): void {
    const { variableDeclaration: variable, block } = node;
    const bound =
      variable !== undefined && this.#typescript.isIdentifier(variable.name) ? variable.name.text : undefined;
    const caught = bound ?? '__caught__';
    if (variable === undefined) this.#edits.before(block.getStart(), `(${caught}) `);
    if (variable === undefined || bound !== undefined) {
      this.#edits.before(block.getStart() + 1, ` ${runtimeName}.caught(${caught});`);
    }
  }
}
