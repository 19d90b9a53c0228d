/**
 * Types as text that any other cell can read. With it, a cell needs the text of an earlier type only, and not the cell that it was
 * inferred in: however long a chain of cells is, each is checked alone. What has no name outside of its cell (a local class, a class
 * expression, a unique symbol) cannot be written, and is referred to instead (sessionNames.ts).
 */
import type ts from 'typescript';

/** What writing types depends on. */
export interface TypeWriter {
  readonly typescript: typeof ts;
  readonly checker: ts.TypeChecker;
  /** A module without names: what can be named in it can be named in every cell. */
  readonly neutral: ts.SourceFile;
  /** Changes the module of an import type: the cell's own file is kept under another name. */
  readonly rename: (module: string) => string;
}

/** Longer types are referred to: reading them again would take longer than inferring them. */
const longestType = 20_000;

type Resolver = ts.TypeChecker & {
  resolveName(name: string, location: ts.Node, meaning: ts.SymbolFlags, excludeGlobals: boolean): ts.Symbol | undefined;
};

const flagsOf = ({ NodeBuilderFlags }: typeof ts): ts.NodeBuilderFlags =>
  NodeBuilderFlags.NoTruncation |
  NodeBuilderFlags.UseFullyQualifiedType |
  NodeBuilderFlags.UseStructuralFallback |
  NodeBuilderFlags.MultilineObjectLiterals;

/** A type as text; `undefined` if it can't be written. */
export function writeType(writer: TypeWriter, type: ts.Type): string | undefined {
  const { checker, neutral, typescript } = writer;
  const node = checker.typeToTypeNode(type, neutral, flagsOf(typescript));
  return node === undefined ? undefined : textOf(writer, node);
}

/** A function's signatures as declarations; `undefined` if one can't be written. */
export function writeFunction(writer: TypeWriter, name: string, type: ts.Type): string | undefined {
  const { checker, neutral, typescript } = writer;
  const { factory } = typescript;
  if (checker.getPropertiesOfType(type).length > 0) return undefined;
  const texts: string[] = [];
  for (const signature of checker.getSignaturesOfType(type, typescript.SignatureKind.Call)) {
    const node = checker.signatureToSignatureDeclaration(
      signature,
      typescript.SyntaxKind.FunctionDeclaration,
      neutral,
      flagsOf(typescript),
    ) as ts.FunctionDeclaration | undefined;
    if (node === undefined) return undefined;
    const { typeParameters, parameters, type: result } = node;
    const modifiers = [factory.createModifier(typescript.SyntaxKind.DeclareKeyword)];
    const named = factory.createFunctionDeclaration(
      modifiers,
      undefined,
      name,
      typeParameters,
      parameters,
      result,
      undefined,
    );
    const text = textOf(writer, named);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

function textOf(writer: TypeWriter, node: ts.Node): string | undefined {
  const { typescript, neutral } = writer;
  const renamed = portable(writer, node);
  if (renamed === undefined) return undefined;
  const printer = typescript.createPrinter({ newLine: typescript.NewLineKind.LineFeed });
  const text = printer.printNode(typescript.EmitHint.Unspecified, renamed, neutral);
  // TypeScript leaves out what refers to itself without a name, and says so in a comment.
  return text.length > longestType || text.includes('/*elided*/') ? undefined : text;
}

/** The node with import types as other cells write them; `undefined` if it names what other cells can't. */
function portable(writer: TypeWriter, node: ts.Node): ts.Node | undefined {
  const { typescript, rename } = writer;
  const { factory } = typescript;
  const problems: ts.Node[] = [];
  const visit = (each: ts.Node, own: ReadonlySet<string>): ts.Node => {
    const inside = withTypeParameters(typescript, each, own);
    const root = rootName(typescript, each);
    if (root !== undefined && !isVisible(writer, root, inside)) problems.push(root);
    // Written again, a unique symbol would be another one.
    if (typescript.isTypeOperatorNode(each) && each.operator === typescript.SyntaxKind.UniqueKeyword)
      problems.push(each);
    const visited = typescript.visitEachChild(each, (child) => visit(child, inside), undefined);
    if (!typescript.isImportTypeNode(visited) || !typescript.isLiteralTypeNode(visited.argument)) return visited;
    const { literal } = visited.argument;
    if (!typescript.isStringLiteral(literal)) return visited;
    return factory.updateImportTypeNode(
      visited,
      factory.createLiteralTypeNode(factory.createStringLiteral(rename(literal.text))),
      undefined,
      visited.qualifier,
      visited.typeArguments,
      visited.isTypeOf,
    );
  };
  const result = visit(node, new Set());
  return problems.length === 0 ? result : undefined;
}

/** The names in scope: those around a node, its own type parameters and what `infer` and mapped types declare in it. */
function withTypeParameters(typescript: typeof ts, node: ts.Node, own: ReadonlySet<string>): ReadonlySet<string> {
  const added: string[] = [];
  if (typescript.isFunctionLike(node)) {
    for (const parameter of node.typeParameters ?? []) added.push(parameter.name.text);
    for (const { name } of node.parameters) if (typescript.isIdentifier(name)) added.push(name.text);
  }
  if (typescript.isMappedTypeNode(node)) added.push(node.typeParameter.name.text);
  if (typescript.isConditionalTypeNode(node)) {
    const find = (each: ts.Node): void => {
      if (typescript.isInferTypeNode(each)) added.push(each.typeParameter.name.text);
      typescript.forEachChild(each, find);
    };
    find(node.extendsType);
  }
  return added.length === 0 ? own : new Set([...own, ...added]);
}

/** The first identifier of a name that a type, a `typeof` or a computed property mentions. */
function rootName(typescript: typeof ts, node: ts.Node): ts.Identifier | undefined {
  const first = (name: ts.Node): ts.Identifier | undefined => {
    if (typescript.isQualifiedName(name)) return first(name.left);
    if (typescript.isPropertyAccessExpression(name)) return first(name.expression);
    return typescript.isIdentifier(name) ? name : undefined;
  };
  if (typescript.isTypeReferenceNode(node)) return first(node.typeName);
  if (typescript.isTypeQueryNode(node)) return first(node.exprName);
  if (typescript.isExpressionWithTypeArguments(node) || typescript.isComputedPropertyName(node)) {
    return first(node.expression);
  }
  return undefined;
}

function isVisible(
  { checker, neutral, typescript }: TypeWriter,
  name: ts.Identifier,
  own: ReadonlySet<string>,
): boolean {
  if (own.has(name.text)) return true;
  const { Type, Value, Namespace } = typescript.SymbolFlags;
  const found = (checker as Resolver).resolveName(name.text, neutral, Type | Value | Namespace, false);
  if (found === undefined) return false;
  const { symbol } = name as ts.Identifier & { readonly symbol?: ts.Symbol };
  return symbol === undefined || symbol === found || sameDeclaration(symbol, found);
}

/** A merged symbol, such as that of an interface with several declarations, has more than one object. */
const sameDeclaration = (a: ts.Symbol, b: ts.Symbol) =>
  a.declarations?.some((declaration) => b.declarations?.includes(declaration) === true) === true;
