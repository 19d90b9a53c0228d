/**
 * Plotly figures: anything with an array `data` and an object `layout`. plotly.js draws in a browser only; here a figure is
 * data, and the client's renderer draws it (JupyterLab's comes with PyPI's plotly).
 */
import type { MimeBundle } from './bundle.js';

export interface FigureLike {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

export function isFigure(value: unknown): value is FigureLike {
  if (typeof value !== 'object' || value === null) return false;
  const { data, layout } = value as { readonly data?: unknown; readonly layout?: unknown };
  return Array.isArray(data) && typeof layout === 'object' && layout !== null;
}

export function renderFigure({ data, layout, config }: FigureLike): MimeBundle {
  const kinds = data.map((trace) => (trace as { type?: string } | null)?.type ?? 'scatter');
  return {
    'application/vnd.plotly.v1+json': { data, layout, ...(config === undefined ? {} : { config }) },
    'text/plain': `Plotly figure: ${kinds.join(', ')}`,
  };
}
