/** The number types of checkpoints, converted to float32: F16 by a table of all values, BF16 as the upper half of a float32. */

/** Converts little-endian elements; `bytes` has exactly as many elements as `target`. */
type Convert = (bytes: Uint8Array, target: Float32Array) => void;

/** How a number type is stored and read. */
export interface FloatType {
  /** Bytes per element. */
  readonly size: number;
  readonly convert: Convert;
}

/** The readable number types, by their names in safetensors. */
export const floatTypes = {
  F32: {
    size: 4,
    convert: (bytes, target) => {
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
    },
  },
  F16: {
    size: 2,
    convert: (bytes, target) => {
      const table = floatsOfHalves();
      const halves = uint16(bytes);
      for (let index = 0; index < halves.length; index++) target[index] = table[halves[index]!]!;
    },
  },
  BF16: {
    size: 2,
    convert: (bytes, target) => {
      const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
      const halves = uint16(bytes);
      for (let index = 0; index < halves.length; index++) bits[index] = halves[index]! << 16;
    },
  },
} as const satisfies Record<string, FloatType>;

function uint16(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2);
}

let halvesTable: Float32Array | undefined;

/** The values of all 65536 IEEE 754 halves (sign, 5 bits of exponent with bias 15, 10 of fraction), computed once. */
export function floatsOfHalves(): Float32Array {
  halvesTable ??= Float32Array.from({ length: 0x10000 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halvesTable;
}
