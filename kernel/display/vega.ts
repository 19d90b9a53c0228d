/** Vega and Vega-Lite charts: objects with a `$schema` of theirs. The front end draws them. */
import type { Renderer } from './renderer.js';

/** The parts of a Vega or Vega-Lite specification that are read. */
export interface VegaSpec {
  readonly $schema: string;
  readonly mark?: unknown;
}

declare module './renderer.js' {
  interface RenderedTypes {
    chart: VegaSpec;
  }
}

type VegaLanguage = 'vega' | 'vega-lite';

/** The major versions for which JupyterLab 4 has a renderer. The last one also draws newer versions, with a warning. */
const languages = {
  vega: { title: 'Vega', type: 'vega', known: [5] },
  'vega-lite': { title: 'Vega-Lite', type: 'vegalite', known: [3, 4, 5] },
} satisfies Record<VegaLanguage, { title: string; type: string; known: readonly number[] }>;

/** Matches `https://vega.github.io/schema/vega-lite/v5.20.1.json`: language, then major version. */
const schema = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)(?:\.\d+)*\.json#?$/;

/** The specification under the media type of its version; if JupyterLab has no renderer for that, also under the nearest one. */
export const vegaRenderer: Renderer<VegaSpec> = {
  matches(value): value is VegaSpec {
    if (typeof value !== 'object' || value === null || !('$schema' in value)) return false;
    return typeof value.$schema === 'string' && schema.test(value.$schema);
  },
  render(spec) {
    const [, language, version] = schema.exec(spec.$schema)!;
    const { title, type, known } = languages[language as VegaLanguage];
    const major = Number(version);
    const nearest = known.find((each) => each >= major) ?? known.at(-1)!;
    const types = [...new Set([major, nearest])].map((each) => `application/vnd.${type}.v${each}+json`);
    return { ...Object.fromEntries(types.map((each) => [each, spec])), 'text/plain': describe(spec, title, major) };
  },
};

function describe({ mark }: VegaSpec, title: string, major: number): string {
  const kind = typeof mark === 'object' && mark !== null && 'type' in mark ? mark.type : mark;
  return `${title} ${major} chart${typeof kind === 'string' ? `: ${kind}` : ''}`;
}
