/** Fingerprints of a run's inputs, so that results computed for one run are never used for another. */
import { createHash } from 'node:crypto';
import type { Parameters } from '../model/index.js';
import { read } from '../tensor/index.js';
import type { TokenizedExample } from './tokenize.js';

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

/** SHA-256 of the rows' token ids and labels in their order, in hexadecimal. It depends on rows, tokenizer and chat template. */
export function fingerprintPairs(rows: readonly TokenizedExample[]): string {
  const hash = createHash('sha256');
  for (const { prompt, responses, label } of rows) {
    for (const ids of [prompt, ...responses]) {
      hash.update(Int32Array.of(ids.length, ...ids));
    }
    // No number of tokens is negative, so no list of pairs has the bytes of a list of examples.
    if (label !== undefined) hash.update(Int32Array.of(label ? -1 : -2));
  }
  return hash.digest('hex');
}
