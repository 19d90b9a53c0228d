/** Fingerprints of a run's inputs, so that results computed for one run are never used for another. */
import { createHash } from 'node:crypto';
import type { Parameters } from '../model/index.js';
import { read } from '../tensor/index.js';
import type { TokenizedPair } from './tokenize.js';

/**
 * SHA-256 of every parameter's name, shape and float32 bytes, in hexadecimal. Takes about one second per gigabyte.
 *
 * @example
 * const model = await fingerprintParameters(policy.parameters);
 */
export async function fingerprintParameters(parameters: Parameters): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, tensor] of Object.entries(parameters)) {
    const values = await read(tensor);
    hash.update(`${name} [${tensor.shape.join(', ')}]\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** SHA-256 of the pairs' token ids in their order, in hexadecimal. It depends on rows, tokenizer and chat template. */
export function fingerprintPairs(pairs: readonly TokenizedPair[]): string {
  const hash = createHash('sha256');
  for (const { prompt, responses } of pairs) {
    for (const ids of [prompt, ...responses]) {
      hash.update(Int32Array.of(ids.length, ...ids));
    }
  }
  return hash.digest('hex');
}
