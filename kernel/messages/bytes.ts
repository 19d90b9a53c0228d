/** Bytes that travel beside a message's JSON, as frames of their own. */

/** Any of JavaScript's ways to hold bytes: a typed array, a DataView, a Buffer, an ArrayBuffer. */
export type Bytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * A copy that owns all of its memory. It can be transferred to another thread without the rest of a pool or of a larger array,
 * and later changes to the original don't reach a message that is already under way.
 */
export function copyBytes(bytes: Bytes) {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.slice();
}
