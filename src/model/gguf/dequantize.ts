/**
 * The number types of GGUF files, converted to float32. A quantized type stores blocks of 32 or 256 consecutive values of a row;
 * each block has its scale (and its minimum) as halves, or as 6-bit numbers that are scaled once more.
 *
 * Every product and sum is rounded to float32, as in the reference (PyPI's `gguf`, quants.py), so that the values agree bit for bit.
 */
import { floatsOfHalves, floatTypes, type FloatType } from '../floats.js';

/** How a type is stored and read. */
export interface GgufType {
  /** Values per block. */
  readonly values: number;
  /** Bytes per block. */
  readonly bytes: number;
  /** Converts whole blocks. */
  readonly convert: (bytes: Uint8Array, target: Float32Array) => void;
}

/** Converts one block: its bytes start at `at`, its values at `to`. `half` reads a half-precision number at a byte. */
type ConvertBlock = (bytes: Uint8Array, at: number, target: Float32Array, to: number, half: ReadHalf) => void;
type ReadHalf = (position: number) => number;

const { fround } = Math;

/** The readable types, by ggml's names. */
export const ggufTypes = {
  F32: plain(floatTypes.F32),
  F16: plain(floatTypes.F16),
  BF16: plain(floatTypes.BF16),
  Q8_0: blocks(32, 34, (bytes, at, target, to, half) => {
    const scale = half(at);
    for (let index = 0; index < 32; index++) target[to + index] = signed(bytes[at + 2 + index]!) * scale;
  }),
  Q4_0: blocks(32, 18, (bytes, at, target, to, half) => {
    const scale = half(at);
    for (let index = 0; index < 32; index++) target[to + index] = scale * (nibble(bytes, at + 2, index) - 8);
  }),
  Q4_1: blocks(32, 20, (bytes, at, target, to, half) => {
    const [scale, minimum] = [half(at), half(at + 2)];
    for (let index = 0; index < 32; index++) {
      target[to + index] = fround(scale * nibble(bytes, at + 4, index)) + minimum;
    }
  }),
  Q5_0: blocks(32, 22, (bytes, at, target, to, half) => {
    const scale = half(at);
    for (let index = 0; index < 32; index++) {
      const quant = nibble(bytes, at + 6, index) | (bit(bytes, at + 2, index) << 4);
      target[to + index] = scale * (quant - 16);
    }
  }),
  Q5_1: blocks(32, 24, (bytes, at, target, to, half) => {
    const [scale, minimum] = [half(at), half(at + 2)];
    for (let index = 0; index < 32; index++) {
      const quant = nibble(bytes, at + 8, index) | (bit(bytes, at + 4, index) << 4);
      target[to + index] = fround(scale * quant) + minimum;
    }
  }),
  Q4_K: blocks(256, 144, (bytes, at, target, to, half) => {
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = groupScale(bytes, at, group, half);
      const from = at + 16 + 32 * (group >> 1);
      for (let index = 0; index < 32; index++) {
        const quant = (bytes[from + index]! >> (4 * (group & 1))) & 15;
        target[to + 32 * group + index] = fround(scale * quant) - minimum;
      }
    }
  }),
  Q5_K: blocks(256, 176, (bytes, at, target, to, half) => {
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = groupScale(bytes, at, group, half);
      const from = at + 48 + 32 * (group >> 1);
      for (let index = 0; index < 32; index++) {
        const fifth = (bytes[at + 16 + index]! >> group) & 1;
        const quant = ((bytes[from + index]! >> (4 * (group & 1))) & 15) | (fifth << 4);
        target[to + 32 * group + index] = fround(scale * quant) - minimum;
      }
    }
  }),
  Q6_K: blocks(256, 210, (bytes, at, target, to, half) => {
    const whole = half(at + 208);
    for (let group = 0; group < 8; group++) {
      const [upper, quarter] = [group >> 2, group & 3];
      const lowFrom = at + 64 * upper + 32 * (quarter & 1);
      const highFrom = at + 128 + 32 * upper;
      for (let index = 0; index < 32; index++) {
        const low = (bytes[lowFrom + index]! >> (4 * (quarter >> 1))) & 15;
        const high = (bytes[highFrom + index]! >> (2 * quarter)) & 3;
        const scale = fround(whole * signed(bytes[at + 192 + 2 * group + (index >> 4)]!));
        target[to + 32 * group + index] = scale * ((low | (high << 4)) - 32);
      }
    }
  }),
} as const satisfies Record<string, GgufType>;

/** A readable type. */
export type GgufTypeName = keyof typeof ggufTypes;

function plain({ size, convert }: FloatType): GgufType {
  return { values: 1, bytes: size, convert };
}

function blocks(values: number, bytesPerBlock: number, convertBlock: ConvertBlock): GgufType {
  const convert = (bytes: Uint8Array, target: Float32Array) => {
    const table = floatsOfHalves();
    const half: ReadHalf = (position) => table[bytes[position]! | (bytes[position + 1]! << 8)]!;
    for (let at = 0, to = 0; at < bytes.length; at += bytesPerBlock, to += values) {
      convertBlock(bytes, at, target, to, half);
    }
  };
  return { values, bytes: bytesPerBlock, convert };
}

const signed = (byte: number) => (byte << 24) >> 24;

/** The four bits of a value: the low halves of 16 bytes hold values 0 to 15, the high halves values 16 to 31. */
const nibble = (bytes: Uint8Array, from: number, index: number) =>
  (bytes[from + (index & 15)]! >> (index & 16 ? 4 : 0)) & 15;

/** One of the 32 bits of four bytes. */
const bit = (bytes: Uint8Array, from: number, index: number) => (bytes[from + (index >> 3)]! >> (index & 7)) & 1;

/** Scale and minimum of 32 of a block's 256 values: a half per block, times 6-bit numbers that are packed into 12 bytes. */
function groupScale(bytes: Uint8Array, at: number, group: number, half: ReadHalf) {
  const packed = (index: number) => bytes[at + 4 + index]!;
  const [scale, minimum] =
    group < 4
      ? [packed(group) & 63, packed(group + 4) & 63]
      : [
          (packed(group + 4) & 15) | ((packed(group - 4) >> 6) << 4),
          (packed(group + 4) >> 4) | ((packed(group) >> 6) << 4),
        ];
  return { scale: fround(half(at) * scale), minimum: fround(half(at + 2) * minimum) };
}
