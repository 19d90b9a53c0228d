/**
 * Plotly figures: anything with an array `data` and an object `layout`. plotly.js draws in a browser only; here a figure is
 * data, and the client's renderer draws it (JupyterLab's comes with PyPI's plotly). Clients without one get a picture.
 */
import type { MimeBundle } from '../../src/core/display.js';
import { figureSvg } from './figureSvg/index.js';

export interface FigureLike {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of an animation. */
  readonly frames?: readonly unknown[];
}

const plotlyType = 'application/vnd.plotly.v1+json';

export function isFigure(value: unknown): value is FigureLike {
  if (typeof value !== 'object' || value === null || !('data' in value && 'layout' in value)) return false;
  const { data, layout } = value;
  return Array.isArray(data) && typeof layout === 'object' && layout !== null;
}

export function renderFigure({ data, layout, config, frames }: FigureLike): MimeBundle {
  const kinds = data.map((trace) => (trace as { type?: string } | null)?.type ?? 'scatter');
  return {
    [plotlyType]: {
      data,
      layout,
      ...(config === undefined ? {} : { config }),
      ...(frames === undefined ? {} : { frames }),
    },
    'text/plain': `Plotly figure: ${kinds.join(', ')}`,
  };
}

/** Adds the picture to a bundle with a figure, whoever made it, unless it has one. */
export function withPicture(bundle: MimeBundle): MimeBundle {
  const figure = bundle[plotlyType];
  if (!isFigure(figure) || 'image/svg+xml' in bundle || 'image/png' in bundle) return bundle;
  return { ...bundle, 'image/svg+xml': figureSvg(figure) };
}
