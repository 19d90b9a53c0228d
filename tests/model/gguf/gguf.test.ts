/** GGUF files: values by PyPI's gguf bit for bit, ids by the original tokenizers and SentencePiece, logits by transformers. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromPretrained, openModel } from '../../../src/model/fromPretrained.js';
import { openGguf } from '../../../src/model/gguf/container.js';
import { ggufTypes } from '../../../src/model/gguf/dequantize.js';
import { goldenFolder, readGolden } from '../../golden/read.js';

interface ModelCase {
  readonly types: Record<string, string>;
  readonly hashes: Record<string, string>;
  readonly ids: readonly number[];
  readonly logits: readonly (readonly number[])[];
}
interface TokenizerCase {
  readonly tokenizer: string;
  readonly texts?: readonly string[];
  readonly encoded?: readonly string[];
}
const golden = readGolden<{
  types: Record<string, string>;
  models: Record<string, ModelCase>;
  tokenizers: Record<string, TokenizerCase>;
  templates: Record<string, string>;
}>('gguf.json');
const original = readGolden<{ texts: string[]; kinds: Record<string, { encoded: string[] }> }>('tokenizers.json');
const fileOf = (name: string) => path.join(goldenFolder, 'gguf', `${name}.gguf`);

describe('number types', () => {
  test('every type that is readable has a reference', () => {
    expect(Object.keys(golden.types).sort()).toEqual(Object.keys(ggufTypes).sort());
  });

  test.each(Object.entries(golden.types))(
    'random blocks of %s have the same bits as with gguf',
    async (name, expected) => {
      const gguf = await openGguf(fileOf('types'));
      const values = await gguf.read(name);
      await gguf.close();
      expect(values).toHaveLength(1024);
      expect(Buffer.from(values.buffer).toString('base64')).toBe(expected);
    },
  );
});

describe.each(Object.entries(golden.models))('%s', (name, { types, hashes, ids, logits }) => {
  test('every tensor has the same bits as with gguf, in the order of rows of transformers', async () => {
    const { checkpoint } = await openModel(fileOf(name));
    expect([...checkpoint.tensors.keys()].sort()).toEqual(Object.keys(types).sort());
    const found: Record<string, string> = {};
    for (const tensor of checkpoint.tensors.keys()) {
      const values = await checkpoint.read(tensor);
      found[tensor] = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
    }
    await checkpoint.close();
    expect(found).toEqual(hashes);
  });

  test('logits are those of transformers', async () => {
    const model = await fromPretrained(fileOf(name));
    const scores = model.logits(ids);
    const rows = (await scores.array()).slice(-logits.length);
    scores.dispose();
    model.dispose();
    for (const [row, expected] of logits.entries()) {
      const differences = expected.map((value, index) => Math.abs(value - rows[row]![index]!));
      expect(Math.max(...differences)).toBeLessThan(1e-3);
    }
  });

  test('the chat template is the text of the metadata', async () => {
    const { tokenizer, checkpoint } = await openModel(fileOf(name));
    await checkpoint.close();
    expect(tokenizer.files.config.chat_template).toBe(golden.templates[name]);
  });
});

test.each(Object.entries(golden.tokenizers))(
  '500 texts have the ids of the original tokenizer in %s.gguf',
  async (name, given) => {
    const { tokenizer, checkpoint } = await openModel(fileOf(name));
    await checkpoint.close();
    const { texts = original.texts, encoded = original.kinds[given.tokenizer]!.encoded } = given;
    expect(texts).toHaveLength(500);
    const wrong = texts.flatMap((text, index) => {
      const found = tokenizer.encode(text).join(' ');
      return found === encoded[index] ? [] : [{ text, found, expected: encoded[index] }];
    });
    expect(wrong).toEqual([]);
  },
);

test('Llama 3.1 keeps its scaling, and a query bias its order', async () => {
  const { config, checkpoint } = await openModel(fileOf('llama3'));
  await checkpoint.close();
  expect(config.ropeScaling).toEqual({
    type: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalMaxPositions: 8192,
  });
  expect(config.biases).toEqual({ queryKeyValue: true, output: true, mlp: false });
});
