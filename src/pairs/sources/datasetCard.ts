/** The text of a dataset card: a README.md with the YAML that the Hub reads. */
import path from 'node:path';

/** The facts that only the author of a dataset knows. */
export interface CardFacts {
  readonly title: string;
  /** Where its texts come from, and which person or program wrote them. */
  readonly origin: string;
  /** The Hub's identifier of the licence: `apache-2.0`, `cc-by-4.0`. */
  readonly licence: string;
  /** One or more paragraphs of Markdown. */
  readonly description?: string;
  /** The seed, if a program generated the dataset. */
  readonly seed?: number;
  /** ISO 639 codes: `['en']`. */
  readonly languages?: readonly string[];
  /** What it should not be used for, in Markdown. */
  readonly limits?: string;
}

/** One file, as the card lists it. */
export interface CardFile {
  /** Relative to the card, with `/` as separator. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** How many rows it has, if it is a data file. */
  readonly rows?: number;
  readonly columns?: readonly string[];
}

/**
 * Writes the text of a card: YAML for the Hub, then origin, licence and seed, and a table of the files.
 *
 * @example
 * datasetCard({ title: 'Pears', origin: 'Written for this example.', licence: 'cc0-1.0' }, []).split('\n')[1]; // 'license: cc0-1.0'
 */
export function datasetCard(facts: CardFacts, files: readonly CardFile[]): string {
  const rows = files.reduce((sum, file) => sum + (file.rows ?? 0), 0);
  const columns = [...new Set(files.flatMap((file) => file.columns ?? []))];
  const facing = [
    ['Origin', facts.origin],
    ['Licence', facts.licence],
    ['Rows', String(rows)],
    ['Columns', columns.map((name) => `\`${name}\``).join(', ') || 'none'],
    ['Seed', facts.seed === undefined ? 'none; nothing in it is random' : String(facts.seed)],
  ].map(([name, value]) => `- **${name!}**: ${value!}`);
  return [
    head(facts, files),
    `# ${facts.title}\n`,
    ...(facts.description === undefined ? [] : [`${facts.description.trim()}\n`]),
    `${facing.join('\n')}\n`,
    '## Files\n',
    '| file | rows | columns | bytes | sha256 |\n| --- | --- | --- | --- | --- |',
    ...files.map(fileRow),
    ...(facts.limits === undefined ? [] : [`\n## Limits\n\n${facts.limits.trim()}`]),
    '',
  ].join('\n');
}

function fileRow({ path: name, rows, columns = [], bytes, sha256 }: CardFile): string {
  const cells = columns.map((column) => `\`${column.replaceAll('|', '\\|')}\``).join(', ');
  return `| \`${name}\` | ${rows ?? ''} | ${cells} | ${bytes} | \`${sha256}\` |`;
}

function head({ licence, languages = [], title }: CardFacts, files: readonly CardFile[]): string {
  const data = files.filter((file) => file.rows !== undefined);
  const quoted = (text: string) => JSON.stringify(text);
  const configs = data.map(({ path: name }) => `      - split: ${splitOf(name)}\n        path: ${quoted(name)}`);
  return [
    '---',
    `license: ${licence}`,
    `pretty_name: ${quoted(title)}`,
    ...(languages.length === 0 ? [] : [`language: [${languages.join(', ')}]`]),
    // The tags by which the Hub lists preference datasets.
    'tags: [trl, preference]',
    ...(configs.length === 0 ? [] : ['configs:', '  - config_name: default', '    data_files:', ...configs]),
    '---\n',
  ].join('\n');
}

/** The split of a file by its name, without the numbers of a shard: `data/train-00000-of-00001.parquet` is `train`. */
function splitOf(name: string): string {
  const base = path.posix
    .basename(name)
    .replace(/\..*$/, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
  return base.replace(/[^\w.]/g, '_');
}
