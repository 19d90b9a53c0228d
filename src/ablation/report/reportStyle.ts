/** The report's style sheet: one column of text, wide tables and figures, and the light or dark theme of the reader's system. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --page: #fcfcfb; --text: #1f2328; --quiet: #626a73; --line: #dcdfe3; --panel: #f3f4f4;
  --agrees: #1b6e52; --disagrees: #b4490f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --text: #e4e7ea; --quiet: #9aa3ad; --line: #31373e; --panel: #1d2126;
    --agrees: #5cc7a1; --disagrees: #f09a5f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3rem 1.5rem 5rem; max-width: 64rem; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 3.2rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p, ul { max-width: 46rem; margin: .5rem 0; }
ul { padding-left: 1.2rem; }
.lead { color: var(--quiet); font-size: 1.05rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; margin: 1.4rem 0 0; padding: 0; list-style: none; max-width: none; }
.facts b { display: block; font-size: 1.3rem; }
.facts span, .note, figcaption, caption { color: var(--quiet); font-size: .88rem; }
caption { text-align: left; padding-bottom: .4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .95rem; }
th { font-weight: 600; }
thead th { color: var(--quiet); font-size: .85rem; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
tbody th { text-align: left; padding: .5rem .8rem .5rem 0; white-space: nowrap; }
td { padding: .5rem .6rem; border-bottom: 1px solid var(--line); }
table.heat td { border: 3px solid var(--page); }
table.plain th, table.plain td { text-align: left; vertical-align: top; }
table.numbers { table-layout: fixed; min-width: 40rem; }
table.numbers th:first-child { width: 11rem; }
table.numbers td, table.numbers thead th { text-align: right; }
table.numbers thead th:first-child { text-align: left; }
.small { display: block; font-size: 75%; color: var(--quiet); white-space: nowrap; }
.agrees { color: var(--agrees); }
.disagrees { color: var(--disagrees); }
.undecided, .identical { color: var(--quiet); }
figure { margin: 1.2rem 0; }
figcaption { max-width: 46rem; }
details { margin: .8rem 0; }
summary { cursor: pointer; }
pre { background: var(--panel); padding: 1rem; overflow-x: auto; border-radius: 6px; font-size: .82rem; line-height: 1.45; }
code { font-family: ui-monospace, "SF Mono", Consolas, monospace; font-size: .9em; }
`;
