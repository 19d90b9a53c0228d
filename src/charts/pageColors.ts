/** Colours that suit light and dark pages, as a plotly template: whatever a layout sets itself goes first. */
import type { Layout, LayoutAxis } from 'plotly.js';

const ink = '#7d828a';
const line = 'rgba(125, 130, 138, 0.25)';
const transparent = 'rgba(0, 0, 0, 0)';

const axis: Partial<LayoutAxis> = { gridcolor: line, zerolinecolor: line, linecolor: line };
const sceneAxis = { ...axis, color: ink, showbackground: false };

/**
 * The template: transparent backgrounds, grey text and thin lines. JupyterLab replaces the greys by the theme's own colours
 * (kernel/kernelspec/labextension).
 */
export const pageTemplate = {
  layout: {
    font: { color: ink },
    paper_bgcolor: transparent,
    plot_bgcolor: transparent,
    xaxis: axis,
    yaxis: axis,
    scene: { xaxis: sceneAxis, yaxis: sceneAxis, zaxis: sceneAxis },
    modebar: { bgcolor: transparent, color: line, activecolor: ink },
  },
};

/** The parts of a layout that decide about the page's colours. */
type LayoutLike = Pick<Partial<Layout>, 'template' | 'paper_bgcolor'>;

/**
 * The layout with the page's colours as its template. A layout that has a template or a background of its own stays as it is.
 *
 * @example
 * withPageColors({ height: 300 }); // { height: 300, template: ... }
 */
export function withPageColors<T extends Readonly<Record<string, unknown>> | Partial<Layout>>(layout: T): T {
  const { template, paper_bgcolor: background } = layout as LayoutLike;
  if ((template ?? background ?? undefined) !== undefined) return layout;
  return { ...layout, template: pageTemplate };
}
