/**
 * An extension of JupyterLab, as the page loads it. JupyterLab's renderer of plotly figures (PyPI's plotly) draws a figure once and
 * ignores every later version of it. This makes the same renderer redraw, in place, by `Plotly.react`. It also gives figures that
 * have no colours of their own the theme's (src/charts/pageColors.ts), and redraws them when the theme changes. And it loads the
 * rows of a large table from the kernel.
 *
 * It is written by hand as the module container that JupyterLab expects of a prebuilt extension, so that nothing has to be built.
 */
(() => {
  const figureType = 'application/vnd.plotly.v1+json';
  const transparent = 'rgba(0, 0, 0, 0)';
  const defaultHeight = 360;
  /** Renderers on the page. */
  const widgets = new Set();

  /** The layout to draw: with the theme's text and line colours if it has the page's template. */
  const themed = (layout) => {
    const height = layout.height ?? defaultHeight;
    // With a constant revision a redraw keeps zoom and hidden traces.
    const shown = { ...layout, height, uirevision: layout.uirevision ?? 'apolab' };
    if (layout.template?.layout?.paper_bgcolor !== transparent) return shown;
    const style = getComputedStyle(document.body);
    const color = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    const defaults = layout.template.layout;
    const ink = color('--jp-content-font-color1', defaults.font?.color);
    const line = color('--jp-border-color2', defaults.xaxis?.gridcolor);
    const axis = (own) => ({ ...own, gridcolor: line, zerolinecolor: line, linecolor: line });
    const sceneAxis = (own) => ({ ...axis(own), color: ink });
    const { xaxis, yaxis, scene, modebar } = defaults;
    const themedLayout = {
      ...defaults,
      font: { ...defaults.font, color: ink },
      xaxis: axis(xaxis),
      yaxis: axis(yaxis),
      scene: {
        ...scene,
        xaxis: sceneAxis(scene?.xaxis),
        yaxis: sceneAxis(scene?.yaxis),
        zaxis: sceneAxis(scene?.zaxis),
      },
      modebar: { ...modebar, color: color('--jp-ui-font-color3', line), activecolor: ink },
    };
    return { ...shown, template: { ...layout.template, layout: themedLayout } };
  };

  /** The figure as it is drawn. plotly.js changes what it gets, so it gets copies. */
  const drawn = (figure) => {
    const { data, layout, config, frames } = structuredClone(figure);
    return { data, layout: themed(layout ?? {}), config: { ...config, responsive: false }, frames };
  };

  /** Makes a renderer draw each new figure that its output gets. */
  const redrawing = (widget) => {
    let shown;
    let next;
    let busy = false;
    const draw = async () => {
      if (busy) return;
      busy = true;
      try {
        while (next !== undefined) {
          const figure = drawn(next);
          shown = next;
          next = undefined;
          const { Plotly } = widget.constructor;
          if (widget.hasGraphElement() && Plotly) {
            await Plotly.react(widget.node, figure.data, figure.layout, figure.config);
            if (figure.frames) await Plotly.addFrames(widget.node, figure.frames);
          } else {
            // The renderer would store a PNG of the figure, in today's theme, in the notebook: it gets nothing to store it in.
            await widget.createGraph({ data: { [figureType]: figure }, setData: () => {} });
          }
          // The page shows each figure before the next one is drawn; of those that came in between, the last one.
          if (next !== undefined) await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      } finally {
        busy = false;
      }
    };
    widget.renderModel = (model) => {
      const figure = model.data[figureType];
      if (figure === shown && next === undefined) return Promise.resolve();
      next = figure;
      return draw();
    };
    widget.redrawTheme = () => {
      next ??= shown;
      return draw();
    };
    widgets.add(widget);
    widget.disposed.connect(() => widgets.delete(widget));
    return widget;
  };

  /** The kernel of the notebook or console in which an element is. */
  const kernelOf = (app, element) => {
    const widget = [...app.shell.widgets('main')].find(({ node }) => node.contains(element));
    return (widget?.sessionContext ?? widget?.content?.sessionContext)?.session?.kernel;
  };

  /** Answers a table that asks for rows which are not in its output (kernel/comms/moreRows.ts). */
  const loadRows = (app, event) => {
    const { table, start, resolve, reject } = event.detail;
    const kernel = kernelOf(app, event.target);
    if (!kernel) return;
    event.preventDefault();
    const comm = kernel.createComm('apolab.rows');
    comm.onMsg = ({ content }) => resolve(content.data.rows);
    comm.onClose = () => reject(new Error('The kernel has no more rows of this table.'));
    comm.open({ table, start });
  };

  const activate = (app, registry) => {
    document.addEventListener('apolab-rows', (event) => loadRows(app, event));
    // Renderers of other extensions are there when the application has started; notebooks open after that.
    void app.started.then(() => {
      const factory = registry.getFactory(figureType);
      if (factory === undefined) return;
      const create = factory.createRenderer.bind(factory);
      // The factory itself is changed, because each notebook has a copy of the registry.
      factory.createRenderer = (options) => redrawing(create(options));
      const observer = new MutationObserver(() => widgets.forEach((widget) => void widget.redrawTheme()));
      observer.observe(document.body, { attributeFilter: ['data-jp-theme-name'] });
    });
  };

  let shared;
  const extension = async () => {
    const [rendermime] = Object.values(shared['@jupyterlab/rendermime']);
    const { IRenderMimeRegistry } = (await rendermime.get())();
    const plugin = { id: 'apolab-figures:plugin', autoStart: true, requires: [IRenderMimeRegistry], activate };
    const exports = { __esModule: true, default: plugin };
    return () => exports;
  };
  globalThis._JUPYTERLAB ??= {};
  globalThis._JUPYTERLAB['apolab-figures'] = {
    init: (scope) => void (shared = scope),
    get: extension,
  };
})();
