/** Conversations to text, by the Jinja template that lies with a model's tokenizer, as transformers' apply_chat_template. */
import { Template } from '@huggingface/jinja';
import { ApolabError } from '../core/errors.js';
import { englishDate } from './englishDate.js';

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface RenderOptions {
  /** Ends the text with what opens the assistant's answer (false by default). */
  readonly addGenerationPrompt?: boolean;
}

export interface ChatTemplate {
  /** The template as it was read. */
  readonly source: string;
  /**
   * The text of a conversation, special tokens and all: encode it without adding others.
   *
   * @throws ApolabError where the template refuses the conversation (roles that do not alternate, say).
   */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
}

/** The package's own strftime_now speaks the machine's language. Blocks lose the line feed after them. */
const inEnglish = '{% set strftime_now = english_date %}\n';

/**
 * Compiles a template. It is rendered with `messages`, `add_generation_prompt`, the tokenizer's special tokens by name
 * (`bos_token`, `eos_token`, ...), and `tools` and `documents` as none.
 *
 * @throws ApolabError where the template is no Jinja that `@huggingface/jinja` reads.
 *
 * @example
 * const template = createChatTemplate("{{ messages[0]['content'] }}{{ eos_token }}", { eos_token: '</s>' }, 'my template');
 * template.render([{ role: 'user', content: 'hello' }]); // 'hello</s>'
 */
export function createChatTemplate(
  source: string,
  specialTokens: Readonly<Record<string, string>>,
  where: string,
): ChatTemplate {
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new ApolabError(`${where}: ${what}: ${(error as Error).message}`, { cause: error });
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
