/** Decodes the bytes of lines, and the reasons why a line is unreadable. */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();

/** The text of UTF-8 bytes, with a byte order mark if there is one; undefined if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

/** The text of any bytes; what is not UTF-8 becomes U+FFFD. */
export function decodeLeniently(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** How much of an overlong line is kept, in bytes. */
const keptBytes = 1000;

/** The first characters of an overlong line. */
export function beginningOf(bytes: Uint8Array): string {
  return decodeLeniently(bytes.subarray(0, keptBytes));
}

/** The reason of a line that is not UTF-8. */
export const notUtf8 = 'has bytes that are not UTF-8; save the file as UTF-8';

/** The reason of a line that is longer than the limit. */
export function tooLong(maxLineBytes: number): string {
  return `is longer than ${maxLineBytes.toLocaleString('en')} bytes; shorten it, or read with a larger maxLineBytes`;
}
