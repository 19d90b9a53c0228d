import { describe, expect, it } from 'vitest';
import { escapeHtml, html, scriptCode, scriptJson } from '../../src/core/html.js';

describe('escapeHtml', () => {
  it('escapes the five characters that have a meaning in HTML', () =>
    expect(escapeHtml(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;'));

  it('makes control characters visible, except tab and line feed', () =>
    expect(escapeHtml('\0\t\n\r\u001b\u007f\u0085')).toBe('\u2400\t\n\u240d\u241b\u007f\u0085'));

  it('replaces half of a surrogate pair and keeps a whole one', () =>
    expect(escapeHtml('\ud83d \ude00 \ud83d\ude00')).toBe('\ufffd \ufffd \ud83d\ude00'));
});

describe('the html template', () => {
  it('escapes what is put in, and only that', () => {
    expect(html`<p title="${'"&'}">${['a<b', html`<i>${1}</i>`]}</p>`.text).toBe(
      '<p title="&quot;&amp;">a&lt;b<i>1</i></p>',
    );
  });

  it('keeps scripts whole', () => {
    expect(scriptJson({ text: '</script><!--' }).text).toBe('{"text":"\\u003c/script>\\u003c!--"}');
    expect(scriptCode('x = "</SCRIPT>" + "<!--"').text).toBe('x = "\\x3c/SCRIPT>" + "\\x3c!--"');
  });
});
