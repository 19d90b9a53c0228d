/** A tokenizer's chat templates: one, or several by name, of which transformers chooses one for each conversation. */
import { ApolabError } from '../core/errors.js';
import { createChatTemplate, type ChatTemplate } from './chatTemplate.js';
import { fieldsOf, quoted } from './json.js';
import type { TokenizerConfigJson, TokenizerFiles } from './tokenizerFiles.js';

/** The source of a chat template, and the file that it is from. */
interface Source {
  readonly source: string;
  readonly file: string;
}

/** The folder of the templates beside chat_template.jinja, each in a file `<name>.jinja`. */
export const additionalTemplatesFolder = 'additional_chat_templates';

/**
 * The chat template of a tokenizer. If it has several, a conversation with tools (also with an empty list of them) is written by the
 * one named `tool_use`, if there is one, and any other by `default`, as in transformers (`get_chat_template` in
 * tokenization_utils_base.py). Files take precedence over tokenizer_config.json.
 *
 * @param specialTokens the text of each special token by name, for the templates
 * @param origin the folder that error messages name
 * @returns undefined if there is none
 * @throws ApolabError if tokenizer_config.json's field is neither a text nor a list of named texts, or a template cannot be read. To
 *   render without tools throws it if no template is named `default`.
 */
export function chatTemplateOf(
  { config, chatTemplate, additionalTemplates = {} }: Omit<TokenizerFiles, 'tokenizer'>,
  specialTokens: Readonly<Record<string, string>>,
  origin: string,
): ChatTemplate | undefined {
  const fromFiles: [string, Source][] =
    chatTemplate === undefined ? [] : [['default', { source: chatTemplate, file: 'chat_template.jinja' }]];
  for (const [name, source] of Object.entries(additionalTemplates)) {
    fromFiles.push([name, { source, file: `${additionalTemplatesFolder}/${name}.jinja` }]);
  }
  const sources = new Map(fromFiles.length > 0 ? fromFiles : configured(config, origin));
  const named = (name: string): ChatTemplate | undefined => {
    const found = sources.get(name);
    return found && createChatTemplate(found.source, specialTokens, `${origin}: ${found.file}`);
  };
  const [standard, forTools] = [named('default'), named('tool_use')];
  if (sources.size === 0 || (standard !== undefined && forTools === undefined)) return standard;
  const known = [...sources.keys()].sort();
  return {
    source: (standard ?? forTools)?.source ?? '',
    render: (messages, options = {}) => {
      const chosen = (options.tools ?? null) === null ? standard : (forTools ?? standard);
      if (chosen !== undefined) return chosen.render(messages, options);
      throw new ApolabError(
        `${origin} has several chat templates (${known.join(', ')}) but none named default, which writes conversations without ` +
          'tools. Rename one of them to default.',
      );
    },
  };
}

/** The templates in tokenizer_config.json by name; a single text is `default`. */
function configured({ chat_template: given }: TokenizerConfigJson, origin: string): [string, Source][] {
  const file = 'tokenizer_config.json';
  if ((given ?? undefined) === undefined) return [];
  if (typeof given === 'string') return [['default', { source: given, file }]];
  const expected = 'expected a text or a list of {"name": a text, "template": a text}';
  if (!Array.isArray(given) || given.length === 0) {
    throw new ApolabError(`${origin}: ${file}: chat_template is ${quoted(given)}, ${expected}.`);
  }
  return (given as unknown[]).map((entry) => {
    const { name, template } = fieldsOf(entry, `${origin}: ${file}: chat_template`);
    if (typeof name === 'string' && typeof template === 'string') return [name, { source: template, file }];
    throw new ApolabError(`${origin}: ${file}: chat_template contains ${quoted(entry)}, ${expected}.`);
  });
}
