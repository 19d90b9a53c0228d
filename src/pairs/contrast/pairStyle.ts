/**
 * The style sheet of pairs. Colours come from JupyterLab's theme, else from VS Code's, else from the page; red and green are
 * transparent, so that they suit light and dark themes. Changes are also struck through or underlined, so that they can be
 * recognised without colour.
 */
export const pairStyle = `<style>
.apolab-pairs { color: var(--jp-content-font-color1, var(--vscode-editor-foreground, inherit));
  --line: var(--jp-border-color2, rgba(128, 128, 128, 0.35)); --faint: var(--jp-content-font-color2, inherit);
  font-family: var(--jp-content-font-family, system-ui, sans-serif); font-size: 13px; line-height: 1.5; max-width: 1200px; }
.apolab-pairs .apolab-text { overflow-wrap: anywhere; text-align: start !important; }
.apolab-pairs del { background: rgba(229, 57, 53, 0.2); text-decoration: line-through; text-decoration-color: #e53935;
  text-decoration-thickness: 1px; border-radius: 2px; }
.apolab-pairs ins { background: rgba(46, 160, 67, 0.24); text-decoration: underline; text-decoration-color: #2ea043;
  text-decoration-thickness: 2px; text-underline-offset: 3px; border-radius: 2px; }
.apolab-pairs del + ins { margin-inline-start: 2px; }
.apolab-pairs details { margin: 2px 0; }
.apolab-pairs summary { cursor: pointer; color: var(--faint); font-size: 11px; white-space: normal; direction: ltr; }
.apolab-pairs .apolab-note { color: var(--faint); font-size: 11px; margin: 6px 0 0; }
.apolab-pairs .apolab-label { color: var(--faint); font-size: 11px; letter-spacing: 0.04em; text-transform: uppercase; }
.apolab-pairs .apolab-part { margin-bottom: 8px; }
.apolab-pairs .apolab-beside { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: flex-start; }
.apolab-pairs .apolab-beside > :first-child { flex: 3 1 320px; min-width: 0; }
.apolab-pairs .apolab-beside > :nth-child(2) { flex: 2 1 220px; min-width: 0; border-inline-start: 2px solid var(--line);
  padding-inline-start: 12px; }
.apolab-pairs .apolab-box { max-height: 560px; overflow: auto; border: 1px solid var(--line); border-radius: 4px; }
.apolab-pairs table { border-collapse: separate; border-spacing: 0; width: 100%; margin: 0; table-layout: auto;
  font-size: inherit; color: inherit; }
.apolab-pairs .apolab-box th, .apolab-pairs .apolab-box td { text-align: start; vertical-align: top; padding: 6px 10px; white-space: normal;
  line-height: 1.5; max-width: none; border: 0; border-bottom: 1px solid var(--line); }
/* Shares of the width beside the numbers. */
.apolab-pairs th.apolab-prompt { width: 22%; min-width: 110px; }
.apolab-pairs th.apolab-difference { width: 46%; min-width: 240px; }
.apolab-pairs th.apolab-rationale { width: 32%; min-width: 140px; }
.apolab-pairs .apolab-narrow { width: fit-content; max-width: 100%; }
.apolab-pairs .apolab-box tbody th { font-weight: normal; white-space: nowrap; }
.apolab-pairs svg { display: block; }
.apolab-pairs .apolab-distributions { display: flex; flex-wrap: wrap; align-items: end; gap: 8px 28px; margin: 8px 0; }
.apolab-pairs .apolab-distributions .apolab-note { margin: 0; }
.apolab-pairs .apolab-heading { margin-bottom: 4px; }
.apolab-pairs .apolab-box tbody tr:last-child > * { border-bottom: 0; }
.apolab-pairs .apolab-box thead th { position: sticky; top: 0; z-index: 1; font-size: 11px; font-weight: 600; white-space: nowrap;
  background: var(--jp-layout-color2, var(--vscode-editorWidget-background, Canvas)); }
.apolab-pairs tbody tr:nth-child(n) { background: transparent; }
.apolab-pairs tbody tr:nth-child(n):hover { background: var(--jp-rendermime-table-row-hover-background, transparent); }
.apolab-pairs .apolab-box .apolab-number { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
.apolab-pairs .apolab-wide td.apolab-number { color: var(--faint); padding-inline: 6px; }
</style>`;
