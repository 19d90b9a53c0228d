/** Images as bytes, recognized by the magic numbers at their start. */
import type { Renderer } from './renderer.js';

/** The media types of images that are recognized. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

declare module './renderer.js' {
  interface RenderedTypes {
    image: Uint8Array;
  }
}

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));

/** The first bytes of each format; `undefined` matches any byte. */
const magicNumbers = {
  'image/png': [0x89, ...ascii('PNG\r\n\x1a\n')],
  'image/jpeg': [0xff, 0xd8, 0xff],
  'image/gif': ascii('GIF8'),
  'image/webp': [...ascii('RIFF'), undefined, undefined, undefined, undefined, ...ascii('WEBP')],
} satisfies Record<ImageType, readonly (number | undefined)[]>;

/** The media type of an image's bytes; undefined if they are not a known image. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  return (Object.keys(magicNumbers) as ImageType[]).find((type) =>
    magicNumbers[type].every((byte, index) => byte === undefined || bytes[index] === byte),
  );
}

/** The image, and in text `PNG image, 640 x 480, 12345 bytes`. */
export const imageRenderer: Renderer<Uint8Array> = {
  matches(value): value is Uint8Array {
    return value instanceof Uint8Array && imageTypeOf(value) !== undefined;
  },
  render(bytes) {
    const type = imageTypeOf(bytes) ?? 'image/png';
    const size = type === 'image/png' ? pngSize(bytes) : '';
    const text = `${type.slice('image/'.length).toUpperCase()} image, ${size}${bytes.length} bytes`;
    return { [type]: toBase64(bytes), 'text/plain': text };
  },
};

/** Bytes as base64, as Jupyter's messages carry them. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** A PNG's first chunk holds width and height as four bytes each, from byte 16 on. */
function pngSize(bytes: Uint8Array): string {
  if (bytes.length < 24) return '';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return `${view.getUint32(16)} x ${view.getUint32(20)}, `;
}
