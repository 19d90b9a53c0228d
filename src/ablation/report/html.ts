/** HTML by template: what is put in is escaped, unless it is HTML that a template made. */
export class Html {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Content = Html | string | number | readonly Content[];

/**
 * A piece of HTML; text that is put in is escaped, lists are put in one after another.
 *
 * @example
 * html`<li>${'a < b'}</li>`.text; // '<li>a &lt; b</li>'
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(String.raw({ raw: parts }, ...contents.map(render)));
}

/** A value for a `<script>`: JSON in which nothing can end the script. */
export function scriptJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c'));
}

/** A script's own code, with the two sequences that HTML would read broken up where they stand in strings. */
export function scriptCode(code: string): Html {
  return new Html(code.replace(/<(?=\/script)/gi, '\\x3c').replaceAll('<!--', '\\x3c!--'));
}

function render(content: Content): string {
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(render).join('');
  return String(content).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
