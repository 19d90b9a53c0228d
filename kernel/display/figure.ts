/**
 * Plotly figures: anything with an array `data` and an object `layout`. plotly.js draws only in a browser, so the figure is
 * sent as data and drawn by the client's renderer (JupyterLab's comes with PyPI's plotly; kernelspec/labextension makes it redraw
 * in place). Other clients show a picture.
 */
import { withPageColors } from '../../src/charts/pageColors.js';
import type { MimeBundle } from '../../src/core/display.js';
import { figureSvg } from './figureSvg/index.js';
import { withTemplate } from './figureSvg/template.js';
import type { Renderer } from './renderer.js';

/** The parts of a plotly figure that are sent. */
export interface FigureLike {
  readonly data: readonly unknown[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  /** The frames of an animation. */
  readonly frames?: readonly unknown[];
}

declare module './renderer.js' {
  interface RenderedTypes {
    figure: FigureLike;
  }
}

const plotlyType = 'application/vnd.plotly.v1+json';

function isFigure(value: unknown): value is FigureLike {
  if (typeof value !== 'object' || value === null || !('data' in value && 'layout' in value)) return false;
  const { data, layout } = value;
  return Array.isArray(data) && typeof layout === 'object' && layout !== null;
}

/** The figure as plotly's JSON, and in text the types of its traces. */
export const figureRenderer: Renderer<FigureLike> = {
  matches: isFigure,
  render({ data, layout, config, frames }) {
    const types = data.map((trace) => (trace as { type?: string } | null)?.type ?? 'scatter');
    return {
      [plotlyType]: {
        data,
        layout,
        ...(config === undefined ? {} : { config }),
        ...(frames === undefined ? {} : { frames }),
      },
      'text/plain': `Plotly figure: ${types.join(', ')}`,
    };
  },
};

/**
 * Makes the plotly figure of a bundle fit any page: the page's colours unless it has others, its height whatever is resized
 * (`responsive` would give it up), and an SVG picture, unless there is an SVG or PNG picture already.
 */
export function withPicture(bundle: MimeBundle): MimeBundle {
  const figure = bundle[plotlyType];
  if (!isFigure(figure)) return bundle;
  const { config } = figure;
  const shown = {
    ...figure,
    layout: withPageColors(figure.layout),
    ...(config === undefined ? {} : { config: { ...config, responsive: false } }),
  };
  const hasPicture = 'image/svg+xml' in bundle || 'image/png' in bundle;
  return {
    ...bundle,
    [plotlyType]: shown,
    ...(hasPicture ? {} : { 'image/svg+xml': figureSvg({ data: shown.data, layout: withTemplate(shown.layout) }) }),
  };
}
