/**
 * A hundred damaged GGUF files: cut short, with metadata missing or wrong, and with wrong entries in the table of tensors. Each is
 * refused with an error that names the file; nothing crashes, hangs or is read as a model.
 */
import { buildGgufHeader, gguf, GGUFValueType, type GGUFTypedMetadata } from '@huggingface/gguf';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { ApolabError } from '../../../src/core/errors.js';
import { fromPretrained } from '../../../src/model/index.js';
import { goldenFolder } from '../../golden/read.js';

const whole = path.join(goldenFolder, 'gguf', 'llama.gguf');
let scratch: string;
let bytes: Buffer;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'apolab-gguf-'));
  bytes = await readFile(whole);
});
afterAll(() => rm(scratch, { recursive: true }));

/** Writes a damaged file, reads it, and returns the message of the error. */
async function refusal(content: Uint8Array): Promise<string> {
  const file = path.join(scratch, 'damaged.gguf');
  await writeFile(file, content);
  const error: unknown = await fromPretrained(file).then(
    (model) => {
      model.dispose();
      return 'was read';
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApolabError);
  const { message } = error as ApolabError;
  expect(message).toContain(file);
  return message;
}

/** The file with changed metadata. */
async function withMetadata(change: (metadata: GGUFTypedMetadata) => void): Promise<Buffer> {
  const parsed = await gguf(whole, { allowLocalFile: true, typedMetadata: true });
  const { typedMetadata, tensorInfoByteRange, tensorDataOffset, littleEndian } = parsed;
  change(typedMetadata);
  const header = await buildGgufHeader(new Blob([bytes]), typedMetadata, {
    littleEndian,
    tensorInfoByteRange,
  });
  return Buffer.concat([Buffer.from(await header.arrayBuffer()), bytes.subarray(Number(tensorDataOffset))]);
}

test('the undamaged file is read, and so is a copy with its own metadata', async () => {
  const file = path.join(scratch, 'copy.gguf');
  await writeFile(file, await withMetadata(() => undefined));
  (await fromPretrained(file)).dispose();
});

test('40 files that are cut short', async () => {
  const random = createRandom(7, 'cut short');
  // The first cuts are in the magic number, the counts and the first key.
  const lengths = Array.from({ length: 40 }, (_, index) =>
    index < 10 ? 4 * index : Math.floor(random.uniform() * (bytes.length - 64)),
  );
  for (const length of lengths) {
    expect(await refusal(bytes.subarray(0, length))).toMatch(
      /cut short|not a GGUF file|header cannot be read|damaged|missing/,
    );
  }
});

/** A key of the metadata, its wrong value (missing: the key is removed), and what the message says. */
const wrongMetadata: [key: string, value: unknown, message: RegExp][] = [
  ['general.architecture', undefined, /general\.architecture is missing/],
  ['llama.context_length', undefined, /llama\.context_length is missing/],
  ['llama.embedding_length', undefined, /llama\.embedding_length is missing/],
  ['llama.block_count', undefined, /llama\.block_count is missing/],
  ['llama.feed_forward_length', undefined, /llama\.feed_forward_length is missing/],
  ['llama.attention.head_count', undefined, /head_count is missing/],
  ['llama.attention.layer_norm_rms_epsilon', undefined, /epsilon is missing/],
  ['tokenizer.ggml.model', undefined, /tokenizer\.ggml\.model is missing/],
  ['tokenizer.ggml.tokens', undefined, /tokenizer\.ggml\.tokens is missing/],
  ['tokenizer.ggml.merges', undefined, /tokenizer\.ggml\.merges is missing/],
  ['tokenizer.ggml.eos_token_id', undefined, /eos_token/],
  ['general.architecture', 'gemma', /supported are llama/],
  ['llama.block_count', 5, /no tensor 'blk\.2/],
  ['llama.block_count', 1, /blk\.1\..*not supported/],
  ['llama.block_count', 0, /num_hidden_layers is 0/],
  ['llama.block_count', 4_000_000_000, /at most 10000/],
  ['llama.embedding_length', 64, /shape/],
  ['llama.embedding_length', 0, /hidden_size is 0|features/],
  ['llama.feed_forward_length', 63, /ffn_gate\.weight' has shape/],
  ['llama.context_length', 0, /max_position_embeddings is 0/],
  ['llama.attention.head_count', 3, /features|multiple/],
  ['llama.attention.head_count', 0, /num_attention_heads is 0/],
  ['llama.attention.head_count_kv', 3, /not a multiple/],
  ['llama.rope.dimension_count', 7, /features/],
  ['llama.rope.freq_base', -1, /rope_theta/],
  ['llama.attention.layer_norm_rms_epsilon', 2, /rms_norm_eps is 2/],
  ['tokenizer.ggml.model', 'bert', /supported are gpt2, llama/],
  ['tokenizer.ggml.pre', 'martian', /known are/],
  ['tokenizer.ggml.tokens', ['a', 'b'], /has 2 tokens/],
  ['tokenizer.ggml.token_type', [1, 1], /token_type 2/],
  ['tokenizer.ggml.merges', ['ab'], /a space between/],
  ['tokenizer.ggml.eos_token_id', 70_000, /eos_token_id is 70000/],
  ['tokenizer.ggml.bos_token_id', 70_000, /bos_token_id is 70000/],
];

describe('33 files with wrong metadata', () => {
  test.each(wrongMetadata)('%s: %s', async (key, value, message) => {
    const content = await withMetadata((metadata) => {
      if (value === undefined) Reflect.deleteProperty(metadata, key);
      else metadata[key] = { ...metadata[key]!, value } as GGUFTypedMetadata[string];
    });
    expect(await refusal(content)).toMatch(message);
  });

  test('values of another type, parts, and a scaling that is not supported', async () => {
    const added: [string, GGUFValueType, unknown, RegExp][] = [
      ['llama.block_count', GGUFValueType.STRING, 'two', /expected a whole number/],
      ['general.architecture', GGUFValueType.UINT32, 3, /expected a text/],
      ['tokenizer.chat_template', GGUFValueType.UINT32, 3, /expected a text/],
      ['tokenizer.ggml.tokens', GGUFValueType.UINT32, 3, /expected a list of texts/],
      ['split.count', GGUFValueType.UINT16, 3, /one of 3 parts/],
      ['llama.rope.scaling.type', GGUFValueType.STRING, 'yarn', /supported are none and linear/],
      ['llama.attention.key_length', GGUFValueType.UINT32, 6, /features/],
    ];
    for (const [key, type, value, message] of added) {
      const content = await withMetadata((metadata) => {
        metadata[key] = { type, value } as GGUFTypedMetadata[string];
      });
      expect(await refusal(content)).toMatch(message);
    }
  });
});

describe('20 files with a wrong table of tensors, or wrong values', () => {
  /** Where the entry of a tensor lies: its number of dimensions, the first one, its type and its offset. */
  const entryOf = (name: string) => {
    const at = bytes.indexOf(name) + name.length;
    const dimensions = bytes.readUInt32LE(at);
    return { count: at, first: at + 4, type: at + 4 + 8 * dimensions, offset: at + 8 + 8 * dimensions };
  };
  const tensor = 'blk.0.attn_v.weight';
  const changes: [damage: string, change: (copy: Buffer) => void][] = [
    ['letters GGUF', (copy) => copy.write('GGML', 0)],
    ['version 9', (copy) => copy.writeUInt32LE(9, 4)],
    ['big-endian version', (copy) => copy.writeUInt32BE(3, 4)],
    ['a million tensors', (copy) => copy.writeBigUInt64LE(1_000_000n, 8)],
    ['a tensor less', (copy) => copy.writeBigUInt64LE(copy.readBigUInt64LE(8) - 1n, 8)],
    ['2^60 keys', (copy) => copy.writeBigUInt64LE(2n ** 60n, 16)],
    ['a key more', (copy) => copy.writeBigUInt64LE(copy.readBigUInt64LE(16) + 1n, 16)],
    ['a key less', (copy) => copy.writeBigUInt64LE(copy.readBigUInt64LE(16) - 1n, 16)],
    ['100 dimensions', (copy) => copy.writeUInt32LE(100, entryOf(tensor).count)],
    ['no dimension', (copy) => copy.writeUInt32LE(0, entryOf(tensor).count)],
    ['rows of 33', (copy) => copy.writeBigUInt64LE(33n, entryOf(tensor).first)],
    ['rows of 64', (copy) => copy.writeBigUInt64LE(64n, entryOf(tensor).first)],
    ['rows of 2^40', (copy) => copy.writeBigUInt64LE(2n ** 40n, entryOf(tensor).first)],
    ['type IQ4_XS', (copy) => copy.writeUInt32LE(23, entryOf(tensor).type)],
    ['type 4711', (copy) => copy.writeUInt32LE(4711, entryOf(tensor).type)],
    ['a larger type', (copy) => copy.writeUInt32LE(0, entryOf(tensor).type)],
    ['offset behind the end', (copy) => copy.writeBigUInt64LE(10_000_000n, entryOf(tensor).offset)],
    ['offset of another tensor', (copy) => copy.writeBigUInt64LE(0n, entryOf(tensor).offset)],
    ['another name', (copy) => copy.write('blk.0.attn_x', copy.indexOf(tensor))],
    ['not a number', (copy) => copy.fill(0xff, copy.length - 400)],
  ];

  test.each(changes)('%s', async (_damage, change) => {
    const copy = Buffer.from(bytes);
    change(copy);
    await refusal(copy);
  });
});

test('a hundred files are damaged here', () => {
  expect(40 + wrongMetadata.length + 7 + 20).toBe(100);
});
