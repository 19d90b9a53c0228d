/** Conversations as text, by the tokenizer's Jinja template, as transformers' apply_chat_template writes them. */
import { Template } from '@huggingface/jinja';
import { ApolabError } from '../core/errors.js';
import type { Message } from '../core/message.js';
import { englishDate } from './englishDate.js';
import { rewriteStripCalls, stripFunctions } from './stripCalls.js';

/** One message of a conversation; what it holds beside role and content is there for the template. */
export type ChatMessage = Message;

/** Options of `ChatTemplate.render`. */
export interface RenderOptions {
  /** If true, the text ends with the opening of the assistant's answer; false by default. */
  readonly addGenerationPrompt?: boolean;
  /** The tools that may be called, as JSON schemas; none by default. */
  readonly tools?: readonly unknown[];
  /** Other variables for the template (`enable_thinking`, ...); the `chat_template_kwargs` of TRL's rows. */
  readonly variables?: Readonly<Record<string, unknown>>;
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
  rewriteStripCalls(template.parsed);
  return {
    source,
    render: (messages, { addGenerationPrompt = false, tools, variables } = {}) =>
      attempt('the chat template cannot render this conversation', () => {
        const text = template.render({
          ...specialTokens,
          ...stripFunctions,
          messages: messages.map(toTemplate),
          tools: tools ?? null,
          documents: null,
          add_generation_prompt: addGenerationPrompt,
          english_date: (format: string) => englishDate(new Date(), format),
          ...variables,
        });
        if (text.includes(partMark)) {
          throw new Error('it writes only texts, but a message has a list of parts as its content');
        }
        return text;
      }),
  };
}

/**
 * A key that is added to content parts: Python refuses to add a list to a text, while `@huggingface/jinja` writes the list as
 * JSON, in which the key shows up.
 */
const partMark = 'apolab: part of a message';

/** The names of a message's reasoning, in the order in which transformers looks for it. */
const reasoningKeys = ['reasoning_content', 'thinking', 'reasoning'] as const;

/** A message as transformers gives it to a template: without null values, and with its reasoning under the names in use. */
function toTemplate(message: ChatMessage): Record<string, unknown> {
  const entries = Object.entries(message).filter(([, value]) => value !== null && value !== undefined);
  const plain: Record<string, unknown> = Object.fromEntries(entries);
  if (Array.isArray(plain.content)) {
    plain.content = plain.content.map((part: unknown) =>
      typeof part === 'object' && part !== null ? { ...part, [partMark]: true } : part,
    );
  }
  const reasoning = reasoningKeys.map((key) => plain[key]).find((value) => value !== undefined);
  return reasoning === undefined ? plain : { thinking: reasoning, ...plain, reasoning_content: reasoning };
}
