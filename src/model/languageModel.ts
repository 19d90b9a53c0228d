/** A causal language model with its tokenizer; policies are such models. */
import { setImmediate } from 'node:timers/promises';
import { ApolabError } from '../core/errors.js';
import { jupyterDisplay, type MimeBundle } from '../core/display.js';
import { read, tf } from '../tensor/index.js';
import { mergedTensor, partOf, type Adapter } from './adapter.js';
import type { ChatMessage } from './chatTemplate.js';
import type { ModelConfig } from './config.js';
import { hiddenStates, logits } from './forward.js';
import { generateSteps, type GenerateOptions } from './generate.js';
import { noGenerationConfig, type GenerationConfig } from './generationConfig.js';
import { writeModelFolder } from './modelFolder.js';
import { copied, type TrainableParameters } from './parameters.js';
import { ResponseText } from './responseText.js';
import { sequenceBatch } from './tokenTrees.js';
import type { Tokenizer } from './tokenizer.js';

/** A text, or a conversation that the tokenizer's chat template converts to text. */
export type Prompt = string | readonly ChatMessage[];

/** Options of `LanguageModel.save`. */
export interface SaveOptions {
  /** Most bytes per file of weights; more are split into shards, and a larger tensor gets its own. 5 GB by default. */
  readonly maxShardBytes?: number;
}

/**
 * A model with its parameters and tokenizer. It is also a `Responder`: it can answer prompts wherever one is needed.
 *
 * @example
 * const policy = await models.fromPretrained('datasets/miniature-world/policy-0');
 * const [answer] = await policy.generate(['Once upon a time']);
 */
export class LanguageModel {
  constructor(
    readonly config: ModelConfig,
    readonly parameters: TrainableParameters,
    readonly tokenizer: Tokenizer,
    readonly name = 'policy',
    readonly generationConfig: GenerationConfig = noGenerationConfig,
    /** The settings of the LoRA adapter, if the parameters contain one. */
    readonly adapter?: Adapter,
  ) {}

  /** The parameters that training changes: the adapter's if the model has one, otherwise all. */
  get trainable(): TrainableParameters {
    return this.adapter === undefined ? this.parameters : partOf(this.parameters, 'adapter');
  }

  /** Ids of the tokens that end a response: the tokenizer's, and those of generation_config.json or otherwise config.json. */
  get endOfSequence(): readonly number[] {
    const { endOfSequence: others } = this.generationConfig;
    const named = others.length > 0 ? others : (this.config.endOfSequence ?? []);
    return [...new Set([this.tokenizer.endOfSequence, ...named])];
  }

  /**
   * Scores of every vocabulary entry after each token of a sequence.
   *
   * @returns float32 `[tokens, vocabulary]`; the caller disposes of it
   * @throws ApolabError if the prompt has no token, or one that is not in the vocabulary.
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
    return tf.tidy(() =>
      logits(this.parameters, this.config, hiddenStates(this.parameters, this.config, sequenceBatch(ids))),
    );
  }

  /**
   * One response per prompt, as text; greedy unless a temperature is given. A response ends before the first stop string, at a
   * token of `endOfSequence`, or after `maxNewTokens`.
   *
   * `generationConfig.defaults` contains the recommended options of the model; they apply only if you pass them.
   *
   * @throws ApolabError if a prompt is empty or too long, an option is out of range, or the model computes NaN.
   *
   * @example
   * await policy.generate(['Once upon a time'], { temperature: 0.8, topP: 0.95, seed: 1, stop: ['\n'] });
   * await policy.generate([[{ role: 'user', content: 'Hello!' }]], { ...policy.generationConfig.defaults, seed: 1 });
   */
  async generate(prompts: readonly Prompt[], options: GenerateOptions = {}): Promise<string[]> {
    const texts = prompts.map(() => '');
    for await (const step of this.pieces(prompts, options)) {
      for (const { row, text } of step) texts[row] = texts[row]! + text;
    }
    return texts;
  }

  /**
   * One response in pieces, while its tokens arrive. The concatenated pieces equal the result of `generate`.
   *
   * @example
   * for await (const piece of policy.stream('Once upon a time')) process.stdout.write(piece);
   */
  async *stream(prompt: Prompt, options: GenerateOptions = {}): AsyncGenerator<string, void, undefined> {
    for await (const step of this.pieces([prompt], options)) {
      for (const { text } of step) {
        if (text !== '') yield text;
        // Output and interrupts are processed before the next token.
        await setImmediate();
      }
    }
  }

  /** The assistant's answer to a conversation, with the tokenizer's chat template. Options and errors are those of `generate`. */
  async chat(messages: readonly ChatMessage[], options: GenerateOptions = {}): Promise<string> {
    const [answer] = await this.generate([messages], options);
    return answer!;
  }

  /** `generate` under the name that all responders have. */
  respond(
    prompts: readonly string[],
    options: { readonly temperature: number; readonly seed: number },
  ): Promise<string[]> {
    return this.generate(prompts, options);
  }

  /**
   * Writes a folder that `models.fromPretrained` and transformers' `from_pretrained` read. Weights are float32, with an adapter
   * merged into them (`saveAdapter` writes the adapter alone). The other files keep the text that was read.
   */
  async save(folder: string, { maxShardBytes = 5e9 }: SaveOptions = {}): Promise<void> {
    const sources = Object.entries(partOf(this.parameters, 'base')).map(([name, { shape }]) => {
      const readMerged = async () => {
        const tensor = mergedTensor(this.parameters, name, this.config.adapterScale ?? 1);
        try {
          return await read(tensor);
        } finally {
          tensor.dispose();
        }
      };
      return [name, { shape, read: readMerged }] as const;
    });
    await writeModelFolder(folder, this, Object.fromEntries(sources), maxShardBytes);
  }

  /**
   * A copy with variables of its own, an adapter's included: training it does not change the model. It is disposed of separately.
   *
   * @example
   * const history = await preference.collect(training.train(policy.clone(), pairs, { objective: 'dpo' }));
   */
  clone(): LanguageModel {
    const { config, tokenizer, name, generationConfig, adapter } = this;
    return new LanguageModel(config, copied(this.parameters), tokenizer, name, generationConfig, adapter);
  }

  /** Frees the memory of the parameters; the model cannot be used afterwards. */
  dispose(): void {
    tf.dispose(Object.values(this.parameters));
  }

  /** One line about the model, for notebooks. */
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

  /** For each step the new text of every row, as far as it is certain; at the end the text that was held back. */
  private async *pieces(
    prompts: readonly Prompt[],
    options: GenerateOptions,
  ): AsyncGenerator<readonly ResponsePiece[], void, undefined> {
    const stop = options.stop ?? [];
    if (stop.includes('')) throw new ApolabError('A stop string is empty; every response would end at once.');
    const { tokenizer } = this;
    const texts = prompts.map(() => new ResponseText((ids) => tokenizer.decode(ids), stop, tokenizer.tidied));
    const stopped = new Set<number>();
    const ids = prompts.map((prompt) => this.encode(prompt));
    for await (const step of generateSteps(this.parameters, this.config, ids, this.endOfSequence, options, stopped)) {
      yield step.map(({ row, token }) => {
        const text = texts[row]!.add(token);
        if (texts[row]!.stopped) stopped.add(row);
        return { row, text };
      });
    }
    yield texts.map((text, row) => ({ row, text: text.finish() }));
  }
}

/** New text of one row's response. */
interface ResponsePiece {
  readonly row: number;
  readonly text: string;
}

function isTokenIds(prompt: Prompt | readonly number[]): prompt is readonly number[] {
  return Array.isArray(prompt) && typeof prompt[0] !== 'object';
}
