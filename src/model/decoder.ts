/** The choice of the decoder: the running backend's own, or one composed of tensor operations. */
import { activeBackend, backends, type NativeDecoder } from '../tensor/index.js';
import { composedDecoder } from './composedDecoder.js';
import type { ModelConfig } from './config.js';
import type { Decoder, DecoderSettings } from './decoderTypes.js';
import { nativeDecoder } from './nativeDecoder.js';
import type { Parameters } from './parameters.js';

/** The running backend's own decoder, if it has one. */
export function nativeDecoderOf(): NativeDecoder | undefined {
  const id = activeBackend();
  return id === undefined ? undefined : backends[id].decoder();
}

/** The fastest decoder of the running backend. */
export function createDecoder(parameters: Parameters, config: ModelConfig, settings: DecoderSettings): Decoder {
  const native = nativeDecoderOf();
  return native === undefined
    ? composedDecoder(parameters, config, settings)
    : nativeDecoder(native, parameters, config, settings);
}
