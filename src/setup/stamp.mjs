/**
 * Stamps: the record that a step is done.
 *
 * A stamp is written last, into the folder that the step made. It holds a key (a hash of the step's inputs) and the names of its
 * outputs. So an interrupted step has no stamp, a changed input has another key, and a folder with deleted files lacks some of
 * the names.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const stampName = '.apolab-stamp.json';

/**
 * A hash of all parts and their lengths.
 *
 * @param {readonly (string | Buffer)[]} parts
 * @returns {string} a hash that changes when any part changes
 */
export function keyOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

/**
 * The files under a folder, sorted, as paths relative to `base`; none if the folder does not exist.
 *
 * @param {string} folder
 * @param {string} base
 * @returns {string[]}
 */
export function filesUnder(folder, base) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(full, base) : [path.relative(base, full)];
    })
    .sort();
}

/**
 * Whether the step that made a folder is done.
 *
 * @param {string} folder
 * @param {string} key
 * @returns {boolean} whether the folder carries a stamp with this key and everything the stamp lists is still there
 */
export function isStamped(folder, key) {
  const stamp = readStamp(folder);
  return stamp?.key === key && stamp.contents.every((name) => existsSync(path.join(folder, name)));
}

/**
 * Marks the step that made a folder as done.
 *
 * @param {string} folder
 * @param {string} key
 * @param {readonly string[]} contents paths relative to the folder
 */
export function writeStamp(folder, key, contents) {
  writeFileSync(path.join(folder, stampName), JSON.stringify({ key, contents }));
}

/**
 * Marks the step that made a folder as not done.
 *
 * @param {string} folder
 */
export function removeStamp(folder) {
  rmSync(path.join(folder, stampName), { force: true });
}

/**
 * The stamp of a folder.
 *
 * @param {string} folder
 * @returns {{ key: string, contents: string[] } | undefined} undefined if there is no stamp, or a half-written one
 */
export function readStamp(folder) {
  return readRecord(path.join(folder, stampName));
}

/**
 * A JSON file that a killed process may have left half written.
 *
 * @template T
 * @param {string} file
 * @returns {T | undefined} undefined if there is none, or a half-written one
 */
export function readRecord(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
