/** HTML: the escape that every room uses, and a template that applies it. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** U+2400 is the picture of U+0000, and so on up to U+001F. */
const controlPictures = 0x2400;

/**
 * A text for HTML content or for a quoted attribute. Characters that HTML cannot carry become visible: a control character
 * becomes its Unicode picture (tab and line feed stay), and half of a surrogate pair becomes U+FFFD.
 *
 * @example
 * escapeHtml('a < b\u0007'); // 'a &lt; b\u2407'
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']|\p{Cs}|\p{Cc}/gu, (character) => {
    if (character >= '\ud800') return '\ufffd';
    if (character >= ' ' || character === '\t' || character === '\n') return entities[character] ?? character;
    return String.fromCharCode(controlPictures + character.charCodeAt(0));
  });
}

/** Text that is HTML already, so that a template does not escape it again. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What the `html` template takes: only `Html` is put in unescaped. */
export type HtmlContent = Html | string | number | readonly HtmlContent[];

/**
 * A piece of HTML. Text that is put in is escaped; the items of a list are put in one after another.
 *
 * @example
 * html`<li>${'a < b'}</li>`.text; // '<li>a &lt; b</li>'
 */
export function html(parts: TemplateStringsArray, ...contents: readonly HtmlContent[]): Html {
  return new Html(String.raw({ raw: parts }, ...contents.map(render)));
}

function render(content: HtmlContent): string {
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(render).join('');
  return escapeHtml(String(content));
}

/**
 * A value as JSON for a `<script>` element; no text in it can end the script.
 *
 * @example
 * scriptJson('</script>').text; // '"\\u003c/script>"'
 */
export function scriptJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

/** Code for a `<script>` element: `</script` and `<!--`, which HTML would read, are rewritten in its strings as `\x3c...`. */
export function scriptCode(code: string): Html {
  return new Html(code.replace(/<(?=\/script)/gi, '\\x3c').replaceAll('<!--', '\\x3c!--'));
}
