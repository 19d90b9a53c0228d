/** `%%html`, `%%markdown` and so on: the cell's text is shown in its media type. */
import { done, type Magic } from './magic.js';

const shown = (title: string, type: string, name: string, text?: string): Magic => ({
  summary: `shows the cell as ${title}`,
  usage: [`%%${name}`],
  takes: 'text',
  cell({ body, display }) {
    display.mime({ [type]: body, 'text/plain': text ?? body });
    return done;
  },
});

/** Magics that show a cell in another language. */
export const showMagics = {
  html: shown('HTML', 'text/html', 'html'),
  javascript: {
    ...shown('', 'application/javascript', 'javascript', 'JavaScript for the browser'),
    summary: 'runs the cell as JavaScript in the browser',
  },
  latex: shown('LaTeX', 'text/latex', 'latex'),
  markdown: shown('Markdown', 'text/markdown', 'markdown'),
  svg: shown('an SVG drawing', 'image/svg+xml', 'svg', 'SVG drawing'),
} satisfies Record<string, Magic>;
