/** Vega and Vega-Lite charts: objects whose `$schema` is one of theirs; the front end draws them. */
import type { MimeBundle } from '../../src/core/display.js';

export interface VegaSpec {
  readonly $schema: string;
  readonly mark?: unknown;
}

type VegaLanguage = 'vega' | 'vega-lite';

/** The major versions that JupyterLab 4 registers a renderer for; the last draws any newer one too, with a warning. */
const languages = {
  vega: { title: 'Vega', type: 'vega', known: [5] },
  'vega-lite': { title: 'Vega-Lite', type: 'vegalite', known: [3, 4, 5] },
} satisfies Record<VegaLanguage, { title: string; type: string; known: readonly number[] }>;

/** `https://vega.github.io/schema/vega-lite/v5.20.1.json`: language, then major version. */
const schema = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)(?:\.\d+)*\.json#?$/;

export function isVega(value: unknown): value is VegaSpec {
  if (typeof value !== 'object' || value === null || !('$schema' in value)) return false;
  return typeof value.$schema === 'string' && schema.test(value.$schema);
}

/** The specification under the media type of its version and, where JupyterLab has no such renderer, of the nearest it has. */
export function renderVega(spec: VegaSpec): MimeBundle {
  const [, language, version] = schema.exec(spec.$schema)!;
  const { title, type, known } = languages[language as VegaLanguage];
  const major = Number(version);
  const nearest = known.find((each) => each >= major) ?? known.at(-1)!;
  const types = [...new Set([major, nearest])].map((each) => `application/vnd.${type}.v${each}+json`);
  return { ...Object.fromEntries(types.map((each) => [each, spec])), 'text/plain': describe(spec, title, major) };
}

function describe({ mark }: VegaSpec, title: string, major: number): string {
  const kind = typeof mark === 'object' && mark !== null && 'type' in mark ? mark.type : mark;
  return `${title} ${major} chart${typeof kind === 'string' ? `: ${kind}` : ''}`;
}
