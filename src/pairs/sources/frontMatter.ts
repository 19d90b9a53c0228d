/**
 * Parses the YAML at the head of a dataset card, as far as cards use it: maps, lists, strings, numbers and booleans, nested by
 * indentation. Anchors, tags and block strings are ignored.
 */

/** A value of YAML. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | YamlMap;

/** A map of YAML. */
export interface YamlMap {
  readonly [key: string]: Yaml;
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

/**
 * The values at the head of a Markdown file, between two lines of `---`; an empty map if there is no head.
 *
 * @example
 * frontMatter('---\nlicense: mit\n---\n# Card').license; // 'mit'
 */
export function frontMatter(markdown: string): YamlMap {
  const head = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(\r?\n|$)/.exec(markdown)?.[1];
  if (head === undefined) return {};
  const lines = head
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .map((line) => ({ indent: line.length - line.trimStart().length, text: line.trim() }));
  const value = readBlock(lines, 0)[0];
  return isMap(value) ? value : {};
}

/** Whether a value is a map, not a list or a scalar. */
export function isMap(value: Yaml): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const keyed = /^("[^"]*"|'[^']*'|[^\s'"[{][^:]*?)\s*:(?:\s+(.*))?$/;

/** Reads a list or map whose lines have the indentation of the first; returns it and the index of the line after it. */
function readBlock(lines: readonly Line[], start: number): [Yaml, number] {
  const first = lines[start];
  if (first === undefined) return [null, start];
  return isItem(first.text) ? readList(lines, start, first.indent) : readMap(lines, start, first.indent);
}

const isItem = (text: string) => text === '-' || text.startsWith('- ');

function readList(lines: readonly Line[], start: number, indent: number): [Yaml, number] {
  const items: Yaml[] = [];
  let at = start;
  for (let line = lines[at]; line?.indent === indent && isItem(line.text); line = lines[at]) {
    const rest = line.text.slice(1).trimStart();
    // The text after the dash may be the first line of a nested block.
    const inner = { indent: indent + line.text.length - rest.length, text: rest };
    if (rest === '') {
      const [value, next] = readBlock(lines, at + 1);
      items.push(value);
      at = next;
    } else if (keyed.test(rest) || isItem(rest)) {
      const [value, next] = readBlock([...lines.slice(0, at), inner, ...lines.slice(at + 1)], at);
      items.push(value);
      at = next;
    } else {
      items.push(readScalar(rest));
      at += 1;
    }
  }
  return [items, at];
}

function readMap(lines: readonly Line[], start: number, indent: number): [Yaml, number] {
  const entries: [string, Yaml][] = [];
  let at = start;
  for (let line = lines[at]; line?.indent === indent; line = lines[at]) {
    const [, key, rest] = keyed.exec(line.text) ?? [];
    if (key === undefined) {
      at += 1;
      continue;
    }
    at += 1;
    const name = key.replace(/^(['"])(.*)\1$/, '$2');
    const below = lines[at];
    const isNested = below !== undefined && (below.indent > indent || (below.indent === indent && isItem(below.text)));
    if (rest !== undefined && rest !== '' && !/^[|>][+-]?$/.test(rest)) {
      entries.push([name, readScalar(rest)]);
      while (lines[at] !== undefined && lines[at]!.indent > indent) at += 1;
    } else if (isNested) {
      const [value, next] = readBlock(lines, at);
      entries.push([name, value]);
      at = next;
      while (lines[at] !== undefined && lines[at]!.indent > indent) at += 1;
    } else entries.push([name, null]);
  }
  return [Object.fromEntries(entries), at];
}

const words: Readonly<Record<string, Yaml>> = { true: true, false: false, null: null, '~': null };

function readScalar(written: string): Yaml {
  const text = /^["'[]/.test(written) ? written : written.replace(/\s+#.*$/, '');
  const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'/.exec(text);
  if (quoted) return quoted[1]?.replace(/\\(.)/g, '$1') ?? quoted[2]!.replaceAll("''", "'");
  const list = /^\[(.*)\]/.exec(text)?.[1];
  if (list !== undefined) return list.trim() === '' ? [] : list.split(',').map((item) => readScalar(item.trim()));
  if (Object.hasOwn(words, text)) return words[text]!;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
