/** A causal language model with its tokenizer: what a policy is here. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ApolabError } from '../core/errors.js';
import { writeAtomic } from '../core/atomicFile.js';
import { jupyterDisplay, type MimeBundle } from '../core/display.js';
import { tf } from '../tensor/index.js';
import { mergedTensor, partOf, type Adapter } from './adapter.js';
import type { ChatMessage } from './chatTemplate.js';
import { saveCheckpoint } from './checkpoint.js';
import { formatConfig, type ModelConfig } from './config.js';
import { maskedScore, hiddenStates, logits } from './forward.js';
import { generateSteps, type GenerateOptions } from './generate.js';
import { noGenerationConfig, type GenerationConfig } from './generationConfig.js';
import type { TrainableParameters } from './parameters.js';
import { ResponseText } from './responseText.js';
import type { Tokenizer } from './tokenizer.js';

/** The files of a model's folder beside its weights. */
export const files = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  generationConfig: 'generation_config.json',
  chatTemplate: 'chat_template.jinja',
} as const;

/** A text as it is, or a conversation that the tokenizer's chat template writes out. */
export type Prompt = string | readonly ChatMessage[];

export interface SaveOptions {
  /** Weights above this go into shards of at most so many bytes, a larger tensor alone; 5 GB by default. */
  readonly maxShardBytes?: number;
}

/** Has the shape of a `Responder`, so a model answers prompts wherever one is asked for. */
export class LanguageModel {
  constructor(
    readonly config: ModelConfig,
    readonly parameters: TrainableParameters,
    readonly tokenizer: Tokenizer,
    readonly name = 'policy',
    readonly generationConfig: GenerationConfig = noGenerationConfig,
    /** The LoRA adapter whose tensors are among the parameters, where the model carries one. */
    readonly adapter?: Adapter,
  ) {}

  /** The parameters that training moves: all of them, or an adapter's where the model carries one. */
  get trainable(): TrainableParameters {
    return this.adapter === undefined ? this.parameters : partOf(this.parameters, 'adapter');
  }

  /** Every token that ends a response: the tokenizer's own, and those of generation_config.json or else config.json. */
  get endOfSequence(): readonly number[] {
    const { endOfSequence: others } = this.generationConfig;
    const named = others.length > 0 ? others : (this.config.endOfSequence ?? []);
    return [...new Set([this.tokenizer.endOfSequence, ...named])];
  }

  /**
   * Scores of every vocabulary entry after each token of one sequence.
   *
   * @returns float32 `[tokens, vocabulary]`; the caller disposes of it
   * @throws ApolabError where the prompt has no token, or one that the vocabulary lacks.
   *
   * @example
   * const scores = policy.logits('The capital of France is');
   */
  logits(prompt: Prompt | readonly number[]): tf.Tensor2D {
    const ids = isTokenIds(prompt) ? prompt : this.encode(prompt);
    const length = ids.length;
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= this.config.vocabularySize);
    if (length === 0 || wrong !== undefined) {
      const what = length === 0 ? 'has no token' : `holds ${wrong}`;
      throw new ApolabError(`The sequence ${what}; expected ids from 0 to ${this.config.vocabularySize - 1}.`);
    }
    return tf.tidy(() => {
      const mask = new Float32Array(length * length);
      for (let row = 0; row < length; row++) mask.fill(maskedScore, row * length + row + 1, (row + 1) * length);
      const batch = {
        tokens: tf.tensor2d([...ids], [1, length], 'int32'),
        positions: tf.tensor2d([...ids.keys()], [1, length], 'int32'),
        mask: tf.tensor4d(mask, [1, 1, length, length]),
      };
      return logits(this.parameters, this.config, hiddenStates(this.parameters, this.config, batch));
    });
  }

  /**
   * One response a prompt, as text; greedy unless a temperature is given. A response ends before the first stop string, at
   * any token of `endOfSequence`, or after `maxNewTokens`.
   *
   * `generationConfig.defaults` holds the options that the model's makers recommend: they count only where you pass them.
   *
   * @example
   * await policy.generate(['Once upon a time'], { temperature: 0.8, topP: 0.95, seed: 1, stop: ['\n'] });
   * await policy.generate([[{ role: 'user', content: 'Hello!' }]], { ...policy.generationConfig.defaults, seed: 1 });
   */
  // A promise already, although WebAssembly answers at once: other backends and servers will not.
  // eslint-disable-next-line @typescript-eslint/require-await
  async generate(prompts: readonly Prompt[], options: GenerateOptions = {}): Promise<string[]> {
    const texts = prompts.map(() => '');
    for (const { row, text } of this.pieces(prompts, options)) texts[row] = texts[row]! + text;
    return texts;
  }

  /**
   * One response, piece by piece as its tokens come; together the pieces are what `generate` returns.
   *
   * @example
   * for await (const piece of policy.stream('Once upon a time')) process.stdout.write(piece);
   */
  async *stream(prompt: Prompt, options: GenerateOptions = {}): AsyncGenerator<string, void, undefined> {
    for (const { text } of this.pieces([prompt], options)) {
      if (text !== '') yield text;
      // Lets what was printed be shown, and an interrupt be heard, before the next token.
      await setImmediate();
    }
  }

  /** The assistant's answer to a conversation, by the tokenizer's chat template. */
  async chat(messages: readonly ChatMessage[], options: GenerateOptions = {}): Promise<string> {
    const [answer] = await this.generate([messages], options);
    return answer!;
  }

  /** `generate` under the name by which pair builders ask any responder. */
  respond(
    prompts: readonly string[],
    options: { readonly temperature: number; readonly seed: number },
  ): Promise<string[]> {
    return this.generate(prompts, options);
  }

  /**
   * Writes the folder that transformers' `from_pretrained` and `fromPretrained` here read; weights as float32,
   * an adapter merged into them (`saveAdapter` writes it alone). The files beside the weights are written as they were read.
   */
  async save(folder: string, { maxShardBytes = 5e9 }: SaveOptions = {}): Promise<void> {
    await mkdir(folder, { recursive: true });
    const sources = Object.entries(partOf(this.parameters, 'base')).map(([name, { shape }]) => {
      const read = async () => {
        const tensor = mergedTensor(this.parameters, name, this.config.adapterScale ?? 1);
        const values = await tensor.data<'float32'>();
        tensor.dispose();
        return values;
      };
      return [name, { shape, read }] as const;
    });
    await saveCheckpoint(folder, Object.fromEntries(sources), maxShardBytes);
    const { tokenizer, config, chatTemplate, texts = {} } = this.tokenizer.files;
    const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
    const contents = {
      [files.tokenizer]: texts[files.tokenizer] ?? json(tokenizer),
      [files.tokenizerConfig]: texts[files.tokenizerConfig] ?? json(config),
      [files.chatTemplate]: chatTemplate,
      [files.generationConfig]: this.generationConfig.source,
      [files.config]: formatConfig(this.config, this.tokenizer),
    };
    for (const [file, content] of Object.entries(contents)) {
      if (content !== undefined) await writeAtomic(path.join(folder, file), content);
    }
  }

  /** Frees the parameters' memory; the model cannot be used afterwards. */
  dispose(): void {
    tf.dispose(Object.values(this.parameters));
  }

  /** What a notebook shows of a model. */
  [jupyterDisplay](): MimeBundle {
    const { architecture = 'llama', layers, hiddenSize, vocabularySize } = this.config;
    const count = (parameters: TrainableParameters) =>
      Object.values(parameters).reduce((sum, { size }) => sum + size, 0);
    const [all, trainable] = [count(this.parameters), count(this.trainable)];
    const text =
      `${this.name}: ${architecture}, ${all.toLocaleString('en')} parameters` +
      (trainable === all ? '' : ` (${trainable.toLocaleString('en')} of an adapter)`) +
      `, ${layers} ${layers === 1 ? 'layer' : 'layers'} of ${hiddenSize}, a vocabulary of ${vocabularySize.toLocaleString('en')}`;
    return { 'text/plain': text };
  }

  private encode(prompt: Prompt): number[] {
    return typeof prompt === 'string' ? this.tokenizer.encodePrompt(prompt) : this.tokenizer.encodeChat(prompt);
  }

  /** Pieces of the responses' texts as they become certain, one a token, then what was held back. */
  private *pieces(prompts: readonly Prompt[], options: GenerateOptions): Generator<{ row: number; text: string }> {
    const stop = options.stop ?? [];
    if (stop.includes('')) throw new ApolabError('A stop string is empty; every response would end at once.');
    const { tokenizer } = this;
    const texts = prompts.map(() => new ResponseText((ids) => tokenizer.decode(ids), stop, tokenizer.tidied));
    const stopped = new Set<number>();
    const ids = prompts.map((prompt) => this.encode(prompt));
    for (const step of generateSteps(this.parameters, this.config, ids, this.endOfSequence, options, stopped)) {
      for (const { row, token } of step) {
        const text = texts[row]!.add(token);
        if (texts[row]!.stopped) stopped.add(row);
        yield { row, text };
      }
    }
    for (const [row, text] of texts.entries()) yield { row, text: text.finish() };
  }
}

function isTokenIds(prompt: Prompt | readonly number[]): prompt is readonly number[] {
  return Array.isArray(prompt) && typeof prompt[0] !== 'object';
}
