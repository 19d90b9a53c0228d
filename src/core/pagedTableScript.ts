/**
 * What runs in the page for a paged table: sorts by a click on a column's head, filters, and shows one page of rows. It reads the
 * rows from the JSON beside it, and asks the kernel only for rows that did not fit into the output: by an event that the extension
 * of JupyterLab answers (kernel/kernelspec/labextension). Text, because it runs in the browser.
 */
import { scriptCode } from './html.js';

const browse = `(root) => {
  const { columns, rows, page, total, more } = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const body = root.querySelector('tbody');
  const heads = [...root.querySelectorAll('thead th')];
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const parsed = make('template', {});
  const textOf = (value) => {
    if (!Array.isArray(value)) return value === null ? '' : String(value);
    parsed.innerHTML = value[0];
    return parsed.content.textContent;
  };
  const numberText = (value, decimals) => {
    const size = Math.abs(value);
    if (size >= 1e15) return value.toPrecision(6);
    if (value !== 0 && size < 0.5 * 10 ** -decimals) return value.toPrecision(3);
    return value.toFixed(decimals);
  };
  const cellOf = (value, { decimals, kind }) => {
    const isLong = kind === 'text' && (Array.isArray(value) || textOf(value).length > 60);
    const cell = make('td', { className: 'apolab-' + kind + (isLong ? ' apolab-long' : '') });
    if (Array.isArray(value)) cell.innerHTML = value[0];
    else if (typeof value === 'number') {
      cell.textContent = numberText(value, decimals);
      if (cell.textContent !== String(value)) cell.title = String(value);
    } else cell.textContent = textOf(value);
    return cell;
  };
  const searched = [];
  const found = (words) =>
    [...rows.keys()].filter((index) => {
      searched[index] ??= rows[index].map(textOf).join('\\n').toLowerCase();
      return words.every((word) => searched[index].includes(word));
    });
  // A table that replaces another one in the same output goes on with its order, filter and page.
  const output = root.closest('.jp-OutputArea-output') ?? root;
  const views = (output.apolabViews ??= {});
  const names = heads.map((head) => head.textContent);
  const view = (views[JSON.stringify([[...output.querySelectorAll('.apolab-paged')].indexOf(root), names])] ??=
    { words: '', sorted: -1, descending: false, start: 0 });
  const compare = (first, second) => {
    const rank = (value) => (value === null || value === '' || value === 'NaN' ? 2 : typeof value === 'number' ? 0 : 1);
    const difference = rank(first) - rank(second);
    // What is missing comes last in both directions.
    if (rank(first) === 2 || rank(second) === 2) return difference;
    const sign = view.descending ? -1 : 1;
    if (difference !== 0) return sign * difference;
    return sign * (typeof first === 'number' ? first - second : textOf(first).localeCompare(textOf(second), undefined, { numeric: true }));
  };
  let order = [];
  const status = make('span', {});
  const [back, on] = [['\\u2039', 'previous page', -page], ['\\u203a', 'next page', page]].map(([textContent, title, step]) =>
    make('button', { textContent, title, type: 'button', onclick: () => { view.start += step; show(); } }));
  const show = () => {
    const start = (view.start = Math.max(0, Math.min(view.start, order.length - 1 - ((order.length - 1) % page))));
    const shown = order.slice(start, start + page);
    body.replaceChildren(...shown.map((index) => {
      const row = make('tr', {});
      row.append(...rows[index].map((value, column) => cellOf(value, columns[column])));
      return row;
    }));
    back.disabled = start === 0;
    on.disabled = start + page >= order.length;
    const range = order.length === 0 ? 'none' : (start + 1) + '\\u2013' + (start + shown.length);
    const whole = order.length === rows.length ? '' : ' of ' + order.length + ' found in';
    status.textContent = range + (whole || ' of') + ' ' + rows.length + (total > rows.length ? ' (' + total + ' in all)' : '');
    heads.forEach((head, column) =>
      column === view.sorted ? head.setAttribute('aria-sort', view.descending ? 'descending' : 'ascending') : head.removeAttribute('aria-sort'));
    root.querySelector('.apolab-scroll').scrollTop = 0;
  };
  const filter = make('input', { type: 'search', placeholder: 'Filter', value: view.words });
  filter.setAttribute('aria-label', 'Filter');
  const arrange = () => {
    const { words, sorted } = view;
    order = found(words.toLowerCase().split(/\\s+/).filter(Boolean));
    if (sorted >= 0) order.sort((first, second) => compare(rows[first][sorted], rows[second][sorted]) || first - second);
    show();
  };
  const change = (changes) => {
    Object.assign(view, changes, { start: 0 });
    arrange();
  };
  filter.oninput = () => change({ words: filter.value });
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    head.classList.add('apolab-sorts');
    const sort = () => {
      // Up, down, and as it was.
      if (view.sorted !== column) change({ sorted: column, descending: false });
      else change(view.descending ? { sorted: -1, descending: false } : { descending: true });
    };
    head.onclick = sort;
    head.onkeydown = (event) => { if (event.key === 'Enter') sort(); };
  });
  const ask = () => new Promise((resolve, reject) => {
    const detail = { table: more, start: rows.length, resolve, reject };
    // An event that nobody has taken.
    if (root.dispatchEvent(new CustomEvent('apolab-rows', { bubbles: true, cancelable: true, detail }))) reject();
  });
  const rest = make('button', { type: 'button', onclick: async () => {
    rest.disabled = true;
    try {
      while (rows.length < total && root.isConnected) {
        rows.push(...(await ask()));
        arrange();
      }
      rest.remove();
    } catch {
      rest.replaceWith('The other ' + (total - rows.length) + ' are not saved in this notebook: run the cell again.');
    }
  } });
  rest.textContent = 'load the other ' + (total - rows.length);
  root.querySelector('.apolab-rest')?.remove();
  if (rows.length > page) {
    const bar = make('div', { className: 'apolab-bar' });
    bar.append(filter, back, status, on, ...(more === undefined ? [] : [rest]));
    root.append(bar);
    arrange();
  } else if (view.sorted >= 0) arrange();
}`;

/** The script element of a paged table; it works on the table that it is in. */
export const pagedTableScript = `<script>${scriptCode(`(${browse})(document.currentScript.closest('.apolab-paged'))`).text}</script>`;
