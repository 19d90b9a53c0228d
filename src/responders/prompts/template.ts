/**
 * Prompt templates: plain text files with placeholders such as `{{prompt}}`, in `src/responders/templates/`. Users can read
 * them there, and give a file of their own instead.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ApolabError } from '../../core/errors.js';
import { messageText } from '../../core/message.js';
import { packageRoot } from '../../core/packageRoot.js';
import type { Prompt } from '../../pairs/pair.js';

/** The values for the placeholders of each kind; a `prompt` that is a conversation is written as a transcript. */
export interface TemplateValues {
  /** Asks for a minimal revision of a response. */
  readonly revise: { readonly prompt: Prompt; readonly response: string };
  /** Asks for a score of one response. */
  readonly score: {
    readonly prompt: Prompt;
    readonly response: string;
    readonly lowest: number;
    readonly highest: number;
  };
  /** Asks which of two responses is better. */
  readonly compare: { readonly prompt: Prompt; readonly first: string; readonly second: string };
  /** Asks how right a response is, by the known right answers. */
  readonly grade: { readonly prompt: Prompt; readonly targets: string; readonly response: string };
  /** Asks which option of a question a response chooses. */
  readonly choose: { readonly prompt: Prompt; readonly options: string; readonly response: string };
}

/** A kind of template: what it asks for. */
export type TemplateKind = keyof TemplateValues;

/** A template that has all required placeholders and no unknown ones. */
export interface Template<Kind extends TemplateKind = TemplateKind> {
  readonly kind: Kind;
  readonly text: string;
  /** The first 16 hexadecimal digits of the text's SHA-256, independent of the kind of line ends. */
  readonly hash: string;
}

/** The placeholders of each kind. */
const placeholders = {
  revise: { required: ['prompt', 'response'], optional: [] },
  score: { required: ['prompt', 'response'], optional: ['lowest', 'highest'] },
  compare: { required: ['prompt', 'first', 'second'], optional: [] },
  grade: { required: ['prompt', 'targets', 'response'], optional: [] },
  choose: { required: ['prompt', 'options', 'response'], optional: [] },
} as const satisfies {
  readonly [Kind in TemplateKind]: Record<'required' | 'optional', readonly (keyof TemplateValues[Kind])[]>;
};

const placeholder = /\{\{[ \t]{0,9}([A-Za-z]\w*)[ \t]{0,9}\}\}/g;

/**
 * The project's own template of a kind, or the one in a file.
 *
 * @param file path of a text file, relative to the working directory; `src/responders/templates/<kind>.md` without it
 * @throws ApolabError if the file cannot be read, or if a placeholder is missing or unknown
 * @example
 * loadTemplate('revise').text.includes('{{response}}'); // true
 */
export function loadTemplate<Kind extends TemplateKind>(kind: Kind, file?: string): Template<Kind> {
  const source = file ?? path.join(packageRoot, 'src', 'responders', 'templates', `${kind}.md`);
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'it does not exist' : String(error);
    throw new ApolabError(
      `The template '${kind}' cannot be read from ${source}: ${why}. Give the path of a text file with ${known(kind)}.`,
      { cause: error },
    );
  }
  return parseTemplate(kind, text, source);
}

/**
 * A template from its text. Line ends become LF, and white space around the text is removed.
 *
 * @param source name of the text's source, for messages
 * @throws ApolabError if a placeholder is missing or unknown
 * @example
 * parseTemplate('revise', 'Improve this answer to {{prompt}}: {{response}}').hash; // 'ca01a89c7420453f'
 */
export function parseTemplate<Kind extends TemplateKind>(
  kind: Kind,
  text: string,
  source = 'the text given',
): Template<Kind> {
  const normal = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .trim();
  const found = new Set(Array.from(normal.matchAll(placeholder), (match) => match[1]!));
  const { required, optional } = placeholders[kind] as Record<'required' | 'optional', readonly string[]>;
  const missing = required.filter((name) => !found.has(name));
  const unknown = [...found].filter((name) => !required.includes(name) && !optional.includes(name));
  if (missing.length + unknown.length > 0) {
    const faults = [
      ...(missing.length === 0 ? [] : [`has no ${missing.map(braced).join(' and no ')}`]),
      ...(unknown.length === 0 ? [] : [`has ${unknown.map(braced).join(', ')}, which nothing fills`]),
    ];
    throw new ApolabError(`The template '${kind}' of ${source} ${faults.join(' and ')}. It takes ${known(kind)}.`);
  }
  return { kind, text: normal, hash: createHash('sha256').update(normal).digest('hex').slice(0, 16) };
}

/**
 * A template's text with its placeholders filled. Values are not searched for placeholders.
 *
 * @example
 * const template = parseTemplate('revise', 'Task: {{prompt}} Answer: {{response}}');
 * renderTemplate(template, { prompt: '2 + 2?', response: '5 {{prompt}}' }); // 'Task: 2 + 2? Answer: 5 {{prompt}}'
 */
export function renderTemplate<Kind extends TemplateKind>(
  template: Template<Kind>,
  values: TemplateValues[Kind],
): string {
  const given = values as Readonly<Record<string, Prompt | number>>;
  return template.text.replace(placeholder, (_, name: string) => {
    const value = given[name]!;
    return typeof value === 'object' ? transcript(value) : String(value);
  });
}

/**
 * A prompt as plain text. A conversation becomes one paragraph per message, each after its role; a conversation with one
 * user message is the text of that message.
 *
 * @example
 * transcript([
 *   { role: 'user', content: 'Hello' },
 *   { role: 'assistant', content: 'Hi!' },
 *   { role: 'user', content: 'What is 2 + 2?' },
 * ]); // 'User: Hello\n\nAssistant: Hi!\n\nUser: What is 2 + 2?'
 */
export function transcript(prompt: Prompt): string {
  if (typeof prompt === 'string') return prompt;
  const [first] = prompt;
  if (prompt.length === 1 && first?.role === 'user') return messageText(first);
  return prompt
    .map((message) => {
      const { role } = message;
      return `${role.charAt(0).toUpperCase()}${role.slice(1)}: ${messageText(message)}`;
    })
    .join('\n\n');
}

function braced(name: string): string {
  return `{{${name}}}`;
}

/** The placeholders of a kind in words: '{{prompt}} and {{response}}, and may have {{lowest}} and {{highest}}'. */
function known(kind: TemplateKind): string {
  const { required, optional } = placeholders[kind] as Record<'required' | 'optional', readonly string[]>;
  const may = optional.length === 0 ? '' : `, and may have ${optional.map(braced).join(' and ')}`;
  return `${required.map(braced).join(' and ')}${may}`;
}
