/**
 * Model folders with the damage that transfers, editors and diverged training cause. Each is refused with an error that names the
 * file or, if the damage is harmless, computes finite numbers. Nothing crashes and nothing hangs.
 */
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApolabError } from '../../src/core/errors.js';
import {
  createTokenizer,
  fromPretrained,
  initialParameters,
  LanguageModel,
  parseConfig,
  type TokenizerConfigJson,
  type TokenizerJson,
} from '../../src/model/index.js';
import { createRandom } from '../../src/core/random.js';
import { tf, useBackend } from '../../src/tensor/index.js';
import { goldenFolder, readGolden } from '../golden/read.js';

type Json = Record<string, unknown>;
interface Outcome {
  readonly damage: string;
  readonly error?: unknown;
  /** Whether the scores of a few tokens are finite, if the folder could be read. */
  readonly isFinite?: boolean;
}

let scratch: string;
/** One file of weights (bfloat16), shards, and one with a byte-level tokenizer, a chat template and float32 weights. */
const bases = {
  single: path.join(goldenFolder, 'architectures', 'qwen2'),
  shards: path.join(goldenFolder, 'architectures', 'llama3'),
  bytes: '',
};
type Base = keyof typeof bases;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-damaged-'));
  await useBackend();
  bases.bytes = path.join(scratch, 'bytes');
  const given = readGolden<Json>('architectures/llama3/config.json');
  const config = parseConfig(JSON.stringify({ ...given, vocab_size: 640, num_hidden_layers: 1 }), 'config.json');
  const tokenizer = createTokenizer(
    readGolden<TokenizerJson>('tokenizers/qwen/tokenizer.json'),
    readGolden<TokenizerConfigJson>('tokenizers/qwen/tokenizer_config.json'),
    'qwen',
    { chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}' },
  );
  const model = new LanguageModel(config, initialParameters(config, 1), tokenizer);
  await model.save(bases.bytes);
  await cp(path.join(bases.shards, 'generation_config.json'), path.join(bases.bytes, 'generation_config.json'));
  model.dispose();
});
afterAll(() => rm(scratch, { recursive: true }));

/** Damages a copy of a folder, reads it and generates a few tokens. */
async function outcome(base: Base, damage: string, change: (folder: string) => Promise<unknown>): Promise<Outcome> {
  const folder = await mkdtemp(path.join(scratch, 'copy-'));
  const before = tf.memory().numTensors;
  try {
    await cp(bases[base], folder, { recursive: true });
    await change(folder);
    const model = await fromPretrained(folder);
    const scores = model.logits([1, 5, 9]);
    const isFinite = scores.dataSync().every(Number.isFinite);
    scores.dispose();
    try {
      await model.generate(['the price of 3 apples'], { maxNewTokens: 2 });
    } finally {
      model.dispose();
    }
    return { damage, isFinite };
  } catch (error) {
    return { damage, error };
  } finally {
    // The tensors that were read before the error are disposed of.
    expect({ damage, tensors: tf.memory().numTensors }).toEqual({ damage, tensors: before });
    await rm(folder, { recursive: true });
  }
}

/** Checks that the folder was refused with an ApolabError whose message matches. */
function expectRefused({ damage, error, isFinite }: Outcome, message: RegExp): void {
  expect({ damage, isFinite }).toEqual({ damage, isFinite: undefined });
  if (!(error instanceof ApolabError)) throw new Error(`${damage}: no ApolabError`, { cause: error });
  expect(`${damage}: ${error.message}`).toMatch(message);
  // Short enough to read.
  expect(error.message.length).toBeLessThan(700);
}

/** Checks that the folder was refused with an ApolabError that names a file, or computed finite numbers. */
function expectRefusedOrHarmless({ damage, error, isFinite }: Outcome): void {
  if (error === undefined) {
    expect({ damage, isFinite }).toEqual({ damage, isFinite: true });
    return;
  }
  if (!(error instanceof ApolabError)) throw new Error(`${damage}: no ApolabError`, { cause: error });
  expect(`${damage}: ${error.message}`).toMatch(/(\.json|\.safetensors|\.jinja|Prompt 1 of 1|no token for some of)/);
}

const edit =
  (file: string, change: (content: Buffer) => Uint8Array | string) =>
  async (folder: string): Promise<void> => {
    const place = path.join(folder, file);
    await writeFile(place, change(await readFile(place)));
  };
const editJson = (file: string, change: (json: Json) => unknown) =>
  edit(file, (content) => JSON.stringify(change(JSON.parse(content.toString()) as Json)));
const set = (file: string, fields: Json) => editJson(file, (json) => ({ ...json, ...fields }));

const without = (json: Json, field: string) =>
  Object.fromEntries(Object.entries(json).filter(([name]) => name !== field));

/** Rewrites the header of a safetensors file and leaves the tensors unchanged. */
const editHeader = (file: string, change: (header: Record<string, Json>, size: number) => object | string) =>
  edit(file, (content) => {
    const end = 8 + Number(content.readBigUInt64LE());
    const header = change(JSON.parse(content.toString('utf8', 8, end)) as Record<string, Json>, content.length - end);
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, content.subarray(end)]);
  });

const weights = 'model.safetensors';
const firstShard = 'model-00001-of-00002.safetensors';
const jsonFiles = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json'] as const;
const index = 'model.safetensors.index.json';

describe('files', () => {
  test.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', weights])('%s is missing', async (file) => {
    expectRefused(
      await outcome('single', 'missing', (folder) => rm(path.join(folder, file))),
      new RegExp(`has no ${file}`),
    );
  });

  test('a shard or the index is missing, or the weights are in the old format', async () => {
    const remove = (file: string) => (folder: string) => rm(path.join(folder, file));
    expectRefused(
      await outcome('shards', 'shard', remove(firstShard)),
      /has no model-00001-of-00002\.safetensors, which/,
    );
    expectRefused(
      await outcome('shards', 'index', remove(index)),
      /has no model\.safetensors and no model\.safetensors\.index/,
    );
    const old = (folder: string) => rename(path.join(folder, weights), path.join(folder, 'pytorch_model.bin'));
    expectRefused(
      await outcome('single', 'old', old),
      /has pytorch_model\.bin but no model\.safetensors\. Load it once/,
    );
  });

  test('every file is cut short at random places', async () => {
    const random = createRandom(1, 'cut short');
    for (const file of [...jsonFiles, weights, 'chat_template.jinja']) {
      for (let round = 0; round < 6; round++) {
        const cut = edit(file, (content) => content.subarray(0, round === 0 ? 0 : random.integer(content.length)));
        const found = await outcome('bytes', `${file}, cut ${round}`, cut);
        // Half a template can be a valid template; half of any other file is not valid.
        if (file === 'chat_template.jinja') expectRefusedOrHarmless(found);
        else expectRefused(found, new RegExp(file.replaceAll('.', '\\.')));
      }
    }
  });

  test('bytes of every file are changed at random', async () => {
    const random = createRandom(2, 'changed bytes');
    for (const file of [...jsonFiles, 'chat_template.jinja']) {
      for (let round = 0; round < 12; round++) {
        const change = edit(file, (content) => {
          for (let flips = 1 + random.integer(3); flips > 0; flips--) {
            content[random.integer(content.length)] = random.integer(256);
          }
          return content;
        });
        expectRefusedOrHarmless(await outcome('bytes', `${file}, change ${round}`, change));
      }
    }
  });

  test.each(jsonFiles)('%s is not UTF-8, not an object, or nested too deep', async (file) => {
    const named = new RegExp(file.replaceAll('.', '\\.'));
    const contents: (string | Uint8Array)[] = [
      Buffer.from([0xff, 0xfe, 0x7b, 0x00]),
      Buffer.from('{"a": "\xe9"}', 'latin1'),
      Buffer.from('{"model_type": "llama"}', 'utf16le'),
      'null',
      '[]',
      '"text"',
      '12',
      'NaN',
      '{"a": 1,}',
      '['.repeat(200_000),
      `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    ];
    for (const content of contents) {
      const found = await outcome('bytes', String(content).slice(0, 20), (folder) =>
        writeFile(path.join(folder, file), content),
      );
      expectRefused(found, named);
    }
  });

  test('a byte-order mark before the text is harmless', async () => {
    for (const file of jsonFiles) {
      const found = await outcome(
        'bytes',
        file,
        edit(file, (content) => Buffer.concat([Buffer.from('\uFEFF'), content])),
      );
      expect(found).toEqual({ damage: file, isFinite: true });
    }
  });
});

describe('config.json', () => {
  const sizes = [
    'vocab_size',
    'hidden_size',
    'intermediate_size',
    'num_hidden_layers',
    'num_attention_heads',
    'num_key_value_heads',
    'head_dim',
    'max_position_embeddings',
  ];
  test.each(sizes)('%s is not a size', async (field) => {
    for (const value of [-1, 0, 1.5, '12', true, [], {}, 1e18, 1e300]) {
      const damage = `${field} ${JSON.stringify(value)}`;
      expectRefused(
        await outcome('single', damage, set('config.json', { [field]: value })),
        new RegExp(`${field} is `),
      );
    }
  });
  test.each(sizes.slice(0, 6))('%s is that of another model', async (field) => {
    for (const value of [1, 7, 9999]) {
      const found = await outcome('single', `${field} ${value}`, set('config.json', { [field]: value }));
      expectRefused(found, /(config\.json|tokenizer\.json)/);
    }
  });
  test.each([
    ['rms_norm_eps', [-1, 0, 'small', 1e9, []]],
    [
      'rope_parameters',
      ['fast', [1], { rope_type: 'warp' }, { rope_theta: -1 }, { rope_theta: 'x' }, { rope_type: 7 }],
    ],
    ['tie_word_embeddings', ['no', 1]],
    ['layer_types', ['full', ['full_attention'], {}]],
    ['sliding_window', [-3, 0, 2.5, 'wide']],
    ['eos_token_id', ['</s>', -1, [1.5]]],
    ['model_type', ['gpt2', null, 3, '__proto__', 'constructor']],
  ])('%s has a wrong value', async (field, values) => {
    for (const value of values) {
      const damage = `${field} ${JSON.stringify(value)}`;
      const found = await outcome('single', damage, set('config.json', { [field]: value }));
      expectRefused(found, /config\.json: .*(is|in rope_parameters)/);
    }
  });
});

describe('weights', () => {
  test('an infinite value or NaN is named with its tensor', async () => {
    for (const [bits, text] of [
      [0x7fc0, 'NaN'],
      [0x7f80, 'Infinity'],
      [0xff80, '-Infinity'],
    ] as const) {
      const change = edit(weights, (content) => {
        content.writeUInt16LE(bits, content.length - 2);
        return content;
      });
      expectRefused(
        await outcome('single', text, change),
        new RegExp(`model\\.safetensors: 'model\\..+' holds ${text} at index`),
      );
    }
  });

  test('flipped bits of values are harmless', async () => {
    const random = createRandom(3, 'flipped bits');
    for (let round = 0; round < 10; round++) {
      const change = edit(weights, (content) => {
        // The lower byte of a bfloat16: seven bits of fraction and one of the exponent.
        const place = content.length - 2 * (1 + random.integer(10_000));
        content[place] = content[place]! ^ (1 << random.integer(7));
        return content;
      });
      expect(await outcome('single', `flip ${round}`, change)).toEqual({ damage: `flip ${round}`, isFinite: true });
    }
  });

  test('bytes of the header are changed at random', async () => {
    const random = createRandom(4, 'changed header');
    for (const [base, file] of [
      ['single', weights],
      ['shards', firstShard],
    ] as const) {
      for (let round = 0; round < 20; round++) {
        const change = edit(file, (content) => {
          content[random.integer(8 + Number(content.readBigUInt64LE()))] = random.integer(256);
          return content;
        });
        expectRefusedOrHarmless(await outcome(base, `${file}, change ${round}`, change));
      }
    }
  });

  test('the length of the header is absurd', async () => {
    for (const length of [0n, 1n, 7n, 1_000n, 40_000n, 100_000_001n, 1n << 40n, (1n << 64n) - 1n]) {
      const change = edit(weights, (content) => {
        content.writeBigUInt64LE(length);
        return content;
      });
      expectRefused(await outcome('single', length.toString(), change), /model\.safetensors/);
    }
  });

  const norm = 'model.norm.weight';
  const entry = (change: Json) => (header: Record<string, Json>) => ({
    ...header,
    [norm]: { ...header[norm], ...change },
  });
  test.each<[string, RegExp, (header: Record<string, Json>, size: number) => object | string]>([
    ['an integer type', /'model\.norm\.weight' is "I64"; readable are F32, F16, BF16/, entry({ dtype: 'I64' })],
    ['a type that is a property of objects', /is "toString"; readable/, entry({ dtype: 'toString' })],
    ['no type', /is missing; readable/, entry({ dtype: undefined })],
    ['a negative size', /'model\.norm\.weight' has the shape \[-32\]/, entry({ shape: [-32] })],
    ['no shape', /has the shape missing/, entry({ shape: undefined })],
    ['a size beyond counting', /has the shape/, entry({ shape: [1e10, 1e10] })],
    ['another shape', /spans 64 bytes, but shape \[31\] of BF16 needs 62/, entry({ shape: [31] })],
    ['offsets backwards', /spans -64 bytes/, entry({ data_offsets: [128, 64] })],
    ['offsets as text', /has the data_offsets \["0","64"\]/, entry({ data_offsets: ['0', '64'] })],
    ['three offsets', /has the data_offsets/, entry({ data_offsets: [0, 64, 128] })],
    ['an overlap', /begins at byte \d+, expected \d+: it overlaps/, entry({ data_offsets: [0, 64] })],
    ['an end past the file', /cut short: 'model\.norm\.weight' ends at byte/, entry({ data_offsets: [1e6, 1e6 + 64] })],
    [
      'an entry that is not an object',
      /'model\.norm\.weight' is 7, expected a JSON object/,
      (h) => ({ ...h, [norm]: 7 }),
    ],
    ['a tensor left out', /leaves a gap|bytes after its last tensor/, (header) => without(header, norm)],
    [
      'another name',
      /has no tensor 'model\.norm\.weight'/,
      ({ [norm]: moved, ...others }) => ({ ...others, other: moved }),
    ],
    [
      'a tensor more',
      /holds a tensor that config\.json does not describe: 'extra'/,
      (header, size) => ({ ...header, extra: { dtype: 'F32', shape: [0], data_offsets: [size, size] } }),
    ],
    [
      'a tensor twice',
      /overlaps|leaves a gap|bytes after/,
      (header) =>
        JSON.stringify(header).replace(/\}$/, `,"${norm}":{"dtype":"BF16","shape":[32],"data_offsets":[0,64]}}`),
    ],
    ['no header at all', /is "", expected a JSON object|not valid JSON/, () => ''],
    ['a list for a header', /the header is \[\], expected a JSON object/, () => '[]'],
  ])('%s', async (damage, message, change) => {
    expectRefused(await outcome('single', damage, editHeader(weights, change)), message);
  });

  test('a wrong index is refused', async () => {
    const mapTo = (file: unknown) =>
      editJson(index, (json) => ({
        ...json,
        weight_map: { ...(json.weight_map as Json), 'model.norm.weight': file },
      }));
    expectRefused(
      await outcome('shards', 'wrong shard', mapTo(firstShard)),
      /has no tensor 'model\.norm\.weight', which/,
    );
    expectRefused(await outcome('shards', 'no shard', mapTo('other.safetensors')), /has no other\.safetensors, which/);
    for (const file of ['../other.safetensors', '/etc/passwd', '', 7, null]) {
      expectRefused(
        await outcome('shards', String(file), mapTo(file)),
        /expected the name of a file in the same folder/,
      );
    }
    for (const map of [null, [], 'all', {}]) {
      const found = await outcome('shards', JSON.stringify(map), set(index, { weight_map: map }));
      expectRefused(found, /index\.json(: weight_map is | has no tensor)/);
    }
  });
});

describe('tokenizer', () => {
  const model = (change: (model: Json) => Json) =>
    editJson('tokenizer.json', (json) => ({ ...json, model: change(json.model as Json) }));
  const vocabulary = (entries: Json) =>
    model((given) => ({ ...given, vocab: { ...(given.vocab as Json), ...entries } }));
  const part = (name: string, value: unknown) => set('tokenizer.json', { [name]: value });
  test.each<[string, (folder: string) => Promise<void>]>([
    ['no model', set('tokenizer.json', { model: null })],
    ['a model that is a list', set('tokenizer.json', { model: [] })],
    ['an unknown kind of model', model((given) => ({ ...given, type: 'Magic' }))],
    ['no vocabulary', model((given) => without(given, 'vocab'))],
    ['a vocabulary of numbers', model((given) => ({ ...given, vocab: 7 }))],
    ['an id past the model', vocabulary({ zebra: 640 })],
    ['a negative id', vocabulary({ zebra: -1 })],
    ['half an id', vocabulary({ zebra: 1.5 })],
    ['an id as text', vocabulary({ zebra: '7' })],
    ['merges that are a number', model((given) => ({ ...given, merges: 7 }))],
    ['no merges', model((given) => without(given, 'merges'))],
    ['added tokens that are not a list', part('added_tokens', { a: 1 })],
    ['an added token without id', part('added_tokens', [{ content: 'x' }])],
    ['an added token without content', part('added_tokens', [{ id: 3 }])],
    ['an unknown normalizer', part('normalizer', { type: 'Upside down' })],
    ['an unknown pre-tokenizer', part('pre_tokenizer', { type: 'Magic' })],
    ['an invalid pattern', part('pre_tokenizer', { type: 'Split', pattern: { Regex: '(' }, behavior: 'Isolated' })],
    ['an unknown decoder', part('decoder', { type: 'Magic' })],
    ['an unknown post-processor', part('post_processor', { type: 'Magic' })],
    ['no end of sequence', set('tokenizer_config.json', { eos_token: null })],
    ['an end of sequence that is not a token', set('tokenizer_config.json', { eos_token: 'zebra' })],
    ['an end of sequence that is a number', set('tokenizer_config.json', { eos_token: 7 })],
    [
      'a template that is a number',
      (folder) =>
        rm(path.join(folder, 'chat_template.jinja')).then(() =>
          set('tokenizer_config.json', { chat_template: 7 })(folder),
        ),
    ],
    ['a template that is not Jinja', edit('chat_template.jinja', () => '{% for %}')],
  ])('%s', async (damage, change) => {
    expectRefused(await outcome('bytes', damage, change), /tokenizer(_config)?\.json|chat_template\.jinja/);
  });
});

test('generation_config.json with wrong types', async () => {
  for (const fields of [{ eos_token_id: 'end' }, { eos_token_id: [[2]] }, { temperature: 'hot', do_sample: true }]) {
    const found = await outcome('single', JSON.stringify(fields), set('generation_config.json', fields));
    expectRefused(found, /generation_config\.json: .+ is /);
  }
});
