/** Fingerprints of what a run starts from, so that what was computed for it is never used for another. */
import { createHash } from 'node:crypto';
import type { Parameters } from '../model/index.js';
import type { TokenizedPair } from './tokenize.js';

/**
 * SHA-256 over every parameter's name, shape and float32 bytes, in hexadecimal; tensor by tensor, about a second a gigabyte.
 *
 * @example
 * const model = await fingerprintParameters(policy.parameters);
 */
export async function fingerprintParameters(parameters: Parameters): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, tensor] of Object.entries(parameters)) {
    const values = await tensor.data<'float32'>();
    hash.update(`${name} [${tensor.shape.join(', ')}]\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** SHA-256 over the token ids of every pair, in their order: of rows, tokenizer and chat template together. */
export function fingerprintPairs(pairs: readonly TokenizedPair[]): string {
  const hash = createHash('sha256');
  for (const { prompt, responses } of pairs) {
    for (const ids of [prompt, ...responses]) {
      hash.update(Int32Array.of(ids.length, ...ids));
    }
  }
  return hash.digest('hex');
}
