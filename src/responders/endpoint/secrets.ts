/** Keys of an endpoint, which must appear in no text: the key itself, and headers and query fields that hold one. */
import type { Settings } from './settings.js';

/** A shorter key is a placeholder such as `EMPTY`, and may be part of any word. */
const shortestSecret = 8;

/**
 * True if a header or query field of this name may hold a key.
 *
 * @example
 * ['api-key', 'Authorization', 'api-version'].map(isSecretName); // [true, true, false]
 */
export function isSecretName(name: string): boolean {
  return /key|auth|token|secret|password|passwd|credential|signature|cookie|^sig$|^code$/i.test(name);
}

/** A function that replaces the keys of an endpoint in a text by `***`. */
export function redactor({ headers = {}, baseUrl }: Settings, key: string): (text: string) => string {
  const query = baseUrl === undefined ? [] : [...new URL(baseUrl).searchParams];
  const values = [...Object.entries(headers), ...query].flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
  const secrets = [key, ...values, ...values.flatMap((value) => value.trim().split(/\s+/))]
    .flatMap((value) => [value.trim(), encodeURIComponent(value.trim())])
    .filter((value) => value.length >= shortestSecret)
    .sort((one, other) => other.length - one.length);
  const distinct = [...new Set(secrets)];
  return (text) => distinct.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}
