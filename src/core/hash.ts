import { createHash } from 'node:crypto';

/**
 * SHA-256 of texts and bytes, in hexadecimal. A NUL byte follows each content, so `hash('ab', 'c')` is not `hash('a', 'bc')`.
 */
export function hash(...contents: readonly (string | Uint8Array)[]): string {
  const digest = createHash('sha256');
  for (const content of contents) digest.update(content).update('\0');
  return digest.digest('hex');
}
