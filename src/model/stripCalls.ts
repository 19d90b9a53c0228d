/**
 * Python's `strip`, `lstrip` and `rstrip` with the characters to remove. `@huggingface/jinja` ignores that argument and removes
 * all white space, so templates like Qwen3's would lose the spaces of a message.
 */

/** A node of a parsed template: the package does not export its types. */
interface TemplateNode {
  readonly type: string;
  callee?: TemplateNode;
  args?: TemplateNode[];
  readonly object?: TemplateNode;
  readonly property?: TemplateNode;
  readonly value?: unknown;
  readonly computed?: boolean;
}

/** The functions that replace the methods, by the names under which a template is rendered with them. */
export const stripFunctions: Readonly<Record<string, (text: string, characters: string) => string>> = {
  apolab_strip: (text, characters) => stripEnd(stripStart(text, characters), characters),
  apolab_lstrip: stripStart,
  apolab_rstrip: stripEnd,
};

function stripStart(text: string, characters: string): string {
  const all = Array.from(text);
  const first = all.findIndex((character) => !characters.includes(character));
  return first === -1 ? '' : all.slice(first).join('');
}

function stripEnd(text: string, characters: string): string {
  const all = Array.from(text);
  return all.slice(0, 1 + all.findLastIndex((character) => !characters.includes(character))).join('');
}

/** Replaces, in a parsed template, `text.strip('x')` with `apolab_strip(text, 'x')`, and the other two methods alike. */
export function rewriteStripCalls(parsed: unknown): void {
  if (typeof parsed !== 'object' || parsed === null) return;
  for (const inside of Object.values(parsed)) rewriteStripCalls(inside);
  const node = parsed as TemplateNode;
  const { callee, args = [] } = node;
  if (node.type !== 'CallExpression' || callee?.type !== 'MemberExpression' || callee.computed === true) return;
  const name = `apolab_${String(callee.property?.value)}`;
  if (args.length !== 1 || !Object.hasOwn(stripFunctions, name)) return;
  node.args = [callee.object!, ...args];
  node.callee = { type: 'Identifier', value: name };
}
