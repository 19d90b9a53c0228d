/** Conversations as text, by the tokenizer's Jinja template, as transformers' apply_chat_template writes them. */
import { Template } from '@huggingface/jinja';
import { ApolabError } from '../core/errors.js';
import { englishDate } from './englishDate.js';

/** One message of a conversation. */
export interface ChatMessage {
  /** Usually `system`, `user` or `assistant`; the template decides what it accepts. */
  readonly role: string;
  readonly content: string;
}

/** Options of `ChatTemplate.render`. */
export interface RenderOptions {
  /** If true, the text ends with the opening of the assistant's answer; false by default. */
  readonly addGenerationPrompt?: boolean;
}

/** A compiled chat template. */
export interface ChatTemplate {
  /** The template's Jinja source, unchanged. */
  readonly source: string;
  /**
   * The text of a conversation with its special tokens: encode it without adding more.
   *
   * @throws ApolabError if the template refuses the conversation, for example roles that do not alternate.
   */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
}

/** Replaces the package's strftime_now, which writes dates in the machine's language. Jinja drops the newline after a block. */
const inEnglish = '{% set strftime_now = english_date %}\n';

/**
 * Compiles a template. Its variables are `messages`, `add_generation_prompt`, the tokenizer's special tokens by name
 * (`bos_token`, `eos_token`, ...), and `tools` and `documents`, which are none.
 *
 * @param origin the file or folder that error messages name
 * @throws ApolabError if `@huggingface/jinja` cannot parse the template.
 *
 * @example
 * const template = createChatTemplate("{{ messages[0]['content'] }}{{ eos_token }}", { eos_token: '</s>' }, 'my template');
 * template.render([{ role: 'user', content: 'hello' }]); // 'hello</s>'
 */
export function createChatTemplate(
  source: string,
  specialTokens: Readonly<Record<string, string>>,
  origin: string,
): ChatTemplate {
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new ApolabError(`${origin}: ${what}: ${(error as Error).message}`, { cause: error });
    }
  };
  const template = attempt('the chat template cannot be read', () => new Template(`${inEnglish}${source}`));
  return {
    source,
    render: (messages, { addGenerationPrompt = false } = {}) =>
      attempt('the chat template cannot render this conversation', () =>
        template.render({
          ...specialTokens,
          messages: messages.map((message) => ({ ...message })),
          tools: null,
          documents: null,
          add_generation_prompt: addGenerationPrompt,
          english_date: (format: string) => englishDate(new Date(), format),
        }),
      ),
  };
}
