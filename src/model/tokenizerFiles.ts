/** The files of a tokenizer: their types, and the checks of what they contain. */
import { ApolabError } from '../core/errors.js';
import { fieldsOf, quoted } from './json.js';

/** The files of a tokenizer: parsed, and as texts if they were read from a folder. */
export interface TokenizerFiles {
  readonly tokenizer: TokenizerJson;
  readonly config: TokenizerConfigJson;
  /** The text of chat_template.jinja, which takes precedence over tokenizer_config.json's template. */
  readonly chatTemplate?: string;
  /** The texts of additional_chat_templates/*.jinja, by name (`tool_use`); they take precedence, too. */
  readonly additionalTemplates?: Readonly<Record<string, string>>;
  /** The files' unchanged texts, by file name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The fields of tokenizer.json that are used here. */
export interface TokenizerJson {
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>> | readonly unknown[];
    readonly unk_token?: string | null;
  };
  readonly added_tokens?: readonly unknown[];
  readonly [field: string]: unknown;
}

/** The fields of tokenizer_config.json that are used here. */
export interface TokenizerConfigJson {
  readonly bos_token?: SpecialToken;
  readonly eos_token?: SpecialToken;
  readonly pad_token?: SpecialToken;
  readonly chat_template?: unknown;
  readonly [field: string]: unknown;
}

type SpecialToken = string | { readonly content: string } | null;

/**
 * The text of every special token in tokenizer_config.json, by its field (`bos_token`, `eos_token`, ...).
 *
 * @param origin the folder that error messages name
 * @throws ApolabError if a special token is not a text.
 */
export function specialTokens(config: TokenizerConfigJson, origin: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      if (!name.endsWith('_token') || typeof value === 'boolean' || (value ?? null) === null) return [];
      const content = typeof value === 'object' ? (value as { readonly content?: unknown }).content : value;
      if (typeof content === 'string') return [[name, content]];
      throw new ApolabError(
        `${origin}: tokenizer_config.json: ${name} is ${quoted(value)}, expected a text or {"content": a text}.`,
      );
    }),
  );
}

const modelTypes: readonly unknown[] = ['BPE', 'WordPiece', 'Unigram', 'WordLevel'];

/**
 * Checks the model type, the vocabulary and the added tokens. The tokenizers package would notice errors in them late or never.
 *
 * @param vocabularySize every id must be smaller; not given: no limit
 * @param origin the folder that error messages name
 * @throws ApolabError that names the wrong value.
 */
export function checkVocabulary(tokenizer: TokenizerJson, vocabularySize: number | undefined, origin: string): void {
  const file = `${origin}: tokenizer.json`;
  const { vocab, type } = fieldsOf(fieldsOf(tokenizer, file).model, `${file}: model`);
  if (type !== undefined && !modelTypes.includes(type)) {
    throw new ApolabError(`${file}: model.type is ${quoted(type)}; supported are ${modelTypes.join(', ')}.`);
  }
  const entries: (readonly [string, unknown])[] = Array.isArray(vocab)
    ? (vocab as unknown[]).map((entry, id) => [String(Array.isArray(entry) ? entry[0] : entry), id])
    : Object.entries(fieldsOf(vocab, `${file}: model.vocab`));
  const added = tokenizer.added_tokens ?? [];
  if (!Array.isArray(added)) throw new ApolabError(`${file}: added_tokens is ${quoted(added)}, expected a list.`);
  for (const token of added) {
    const { content, id } = fieldsOf(token, `${file}: an entry of added_tokens`);
    if (typeof content !== 'string' || content === '') {
      throw new ApolabError(`${file}: added_tokens has the content ${quoted(content)}, expected a text.`);
    }
    entries.push([content, id]);
  }
  const most = vocabularySize ?? Infinity;
  const wrong = entries.find(([, id]) => !(Number.isInteger(id) && (id as number) >= 0 && (id as number) < most));
  if (wrong === undefined) return;
  throw new ApolabError(
    `${file}: the id of ${quoted(wrong[0])} is ${quoted(wrong[1])}, expected a whole number from 0` +
      (vocabularySize === undefined
        ? '.'
        : ` to ${vocabularySize - 1}: config.json's vocab_size is ${vocabularySize}.`),
  );
}
